package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Client calls the agent in Dir. Each call is one connection with one request and one answer, and takes at most
// Timeout. An agent that did not answer is not asked again for a minute, unless its socket is replaced. A Client is
// safe for concurrent use and must not be copied.
type Client struct {
	// Dir is the directory that the function Dir returned.
	Dir string
	// Command is the program, with its arguments, that Put runs to start an agent when none answers. It is run
	// with "--dir DIR" appended and must call Serve. If Command is empty, no agent is ever started; that is for
	// libraries in other programs.
	Command []string
	// Timeout bounds a call, without the start of an agent. Zero means 250 ms, and 2 s after UseLongTimeout.
	Timeout time.Duration

	last         atomic.Pointer[unresponsive]
	longTimeouts atomic.Int32 // calls of UseLongTimeout that have not ended
}

// UseLongTimeout sets the timeout of calls to two seconds until end is called. It is for callers that would open a
// browser or use a refresh token only because the agent was busy for a moment. An agent that did not answer a
// shorter call is asked once more.
func (c *Client) UseLongTimeout() (end func()) {
	c.longTimeouts.Add(1)
	return sync.OnceFunc(func() { c.longTimeouts.Add(-1) })
}

// Get returns the value of that key. It returns nil when there is no such key or no agent. An error says that the
// process that listens did not answer as an agent does; most callers treat that as a cache miss.
func (c *Client) Get(ctx context.Context, key string) ([]byte, error) {
	answer, err := c.ask(ctx, frame{op: opGet, key: key})
	if errors.Is(err, ErrNotRunning) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("asking the agent: %w", err)
	}
	if answer.op != opFound {
		return nil, nil
	}
	return answer.value, nil
}

// Put stores the value (at most 64 KiB, under a key of at most 512 bytes) until that time; the zero time means until
// it is deleted. If no agent answers, Put starts one, which takes at most two seconds more. Without a Command it
// returns ErrNotRunning instead, or the error of the agent that did not answer.
func (c *Client) Put(ctx context.Context, key string, value []byte, until time.Time) error {
	request := frame{op: opPut, key: key, value: value, until: until}
	answer, err := c.ask(ctx, request)
	if err != nil && c.mayStart(ctx, request, err) {
		if err := launch(ctx, c.Command, c.Dir); err != nil {
			return err
		}
		c.last.Store(nil)
		answer, err = c.ask(ctx, request)
	}
	if err == nil && answer.op != opDone {
		err = ErrRefused
	}
	if err != nil {
		return fmt.Errorf("storing a value in the agent: %w", err)
	}
	return nil
}

// mayStart reports whether a new agent would help after that error.
func (c *Client) mayStart(ctx context.Context, request frame, err error) bool {
	return len(c.Command) > 0 && ctx.Err() == nil && request.fits() == nil && !errors.Is(err, ErrNewer)
}

// Delete deletes the key and every key below it ("key/…"). It returns nil when there is no such key or no agent. An
// agent that does not answer loses its socket, and so all its values; that takes at most two seconds.
func (c *Client) Delete(ctx context.Context, key string) error {
	request := frame{op: opDelete, key: key}
	_, err := c.ask(ctx, request)
	if err != nil && !errors.Is(err, ErrNotRunning) {
		_, err = c.askOrDisconnect(ctx, request)
	}
	if err != nil && !errors.Is(err, ErrNotRunning) {
		return fmt.Errorf("deleting from the agent: %w", err)
	}
	return nil
}

// Status returns the agent's status. The error is ErrNotRunning when there is no agent.
func (c *Client) Status(ctx context.Context) (Status, error) {
	answer, err := c.ask(ctx, frame{op: opStatus})
	if err != nil {
		return Status{}, fmt.Errorf("asking the agent: %w", err)
	}
	return parseStatus(answer)
}

// Stop makes the agent delete everything and exit, and returns its last status. The error is ErrNotRunning when there
// is no agent. An agent that does not answer loses its socket: its status is zero, and it exits as soon as it runs
// again.
func (c *Client) Stop(ctx context.Context) (Status, error) {
	request := frame{op: opStop}
	answer, err := c.ask(ctx, request)
	if err != nil && !errors.Is(err, ErrNotRunning) {
		answer, err = c.askOrDisconnect(ctx, request)
		if errors.Is(err, ErrNotRunning) {
			return Status{}, nil
		}
	}
	if err != nil {
		return Status{}, fmt.Errorf("stopping the agent: %w", err)
	}
	return parseStatus(answer)
}

// askOrDisconnect asks once more with a longer timeout, while no other process can start an agent. If there is still
// no answer, it removes the socket and returns ErrNotRunning.
func (c *Client) askOrDisconnect(ctx context.Context, request frame) (frame, error) {
	if err := request.fits(); err != nil {
		return frame{}, err
	}
	release, err := lockStart(ctx, c.Dir)
	if err != nil {
		return frame{}, err
	}
	defer release()
	slow := Client{Dir: c.Dir, Timeout: hungLimit}
	answer, err := slow.ask(ctx, request)
	if err == nil || ctx.Err() != nil || errors.Is(err, ErrNotRunning) || errors.Is(err, ErrNewer) {
		return answer, err
	}
	if err := os.Remove(socketPath(c.Dir)); err != nil {
		return frame{}, err
	}
	return frame{}, ErrNotRunning
}

// ask sends one request. The error is ErrNotRunning when no process listens, or when the connection is closed without
// an answer, as by an agent that is exiting. In that case ask tries twice: another agent may have taken its place.
func (c *Client) ask(ctx context.Context, request frame) (frame, error) {
	if err := request.fits(); err != nil {
		return frame{}, err
	}
	if err := c.remembered(); err != nil {
		return frame{}, err
	}
	began, long := time.Now(), c.longTimeouts.Load() > 0
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout(), ErrNoAnswer)
	defer cancel()
	answer, err := roundTrip(ctx, c.Dir, request)
	if err != nil && ctx.Err() == nil && (errors.Is(err, io.EOF) || isHungUp(err)) {
		answer, err = roundTrip(ctx, c.Dir, request)
	}
	switch {
	case err == nil:
		return answer, nil
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case isAbsent(err) || isHungUp(err) || errors.Is(err, io.EOF):
		return frame{}, ErrNotRunning
	}
	if ctx.Err() == nil || errors.Is(err, ErrNoAnswer) {
		c.remember(err, began, long)
	}
	return frame{}, err
}

func roundTrip(ctx context.Context, dir string, request frame) (frame, error) {
	conn, err := connect(ctx, dir)
	if err != nil {
		return frame{}, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := writeFrame(conn, request); err != nil {
		return frame{}, err
	}
	return readFrame(conn)
}

// connect returns a connection to a process of the same user.
func connect(ctx context.Context, dir string) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", socketPath(dir))
	if err != nil {
		return nil, err
	}
	if err := checkPeer(conn); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func (c *Client) timeout() time.Duration {
	switch {
	case c.Timeout > 0:
		return c.Timeout
	case c.longTimeouts.Load() > 0:
		return startLimit
	}
	return callLimit
}
