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

// Client reaches the agent in Dir. Each call is one connection, one request, one answer, and costs at
// most Timeout, whatever listens there; what did not answer is not asked again for a minute, unless its
// socket is replaced. It may be used by several goroutines at once, and not be copied.
type Client struct {
	// Dir is what the function Dir returned.
	Dir string
	// Command is a program and its arguments that starts an agent when something is to be put and none
	// answers: with "--dir DIR" behind them it is to call Serve. Empty: none is ever started, as becomes a
	// library in somebody else's program.
	Command []string
	// Timeout bounds a call, the start of an agent not counted; zero means 250 ms, and 2 s while Patient holds.
	Timeout time.Duration

	silent  atomic.Pointer[silence]
	patient atomic.Int32 // how many want it
}

// Patient has calls wait for two seconds until end is called: for who would send a person to a browser, or spend
// a refresh token, because the agent had no time for a moment. What did not answer a shorter call is
// asked once more.
func (c *Client) Patient() (end func()) {
	c.patient.Add(1)
	return sync.OnceFunc(func() { c.patient.Add(-1) })
}

// Get returns the value of that key; nil when there is none, or no agent. An error says that something
// listens but does not answer as an agent of ours would: callers that can do without take it for a miss.
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

// Put keeps the value (at most 64 KiB, under a key of at most 512 bytes) until then; the zero time means
// until it is deleted. It starts an agent when none answers, which takes at most two seconds more; without
// a Command the error is then ErrNotRunning, or says what is wrong with the one that is there.
func (c *Client) Put(ctx context.Context, key string, value []byte, until time.Time) error {
	request := frame{op: opPut, key: key, value: value, until: until}
	answer, err := c.ask(ctx, request)
	if err != nil && c.mayStart(ctx, request, err) {
		if err := launch(ctx, c.Command, c.Dir); err != nil {
			return err
		}
		c.silent.Store(nil)
		answer, err = c.ask(ctx, request)
	}
	if err == nil && answer.op != opDone {
		err = ErrRefused
	}
	if err != nil {
		return fmt.Errorf("giving the agent a value to keep: %w", err)
	}
	return nil
}

// mayStart reports whether an agent in place of what failed so would help.
func (c *Client) mayStart(ctx context.Context, request frame, err error) bool {
	return len(c.Command) > 0 && ctx.Err() == nil && request.fits() == nil && !errors.Is(err, ErrNewer)
}

// Delete forgets the key and every key below it ("key/…"). Nothing there, or no agent, is no error. An
// agent that does not answer is cut off, which takes at most two seconds: it forgets everything.
func (c *Client) Delete(ctx context.Context, key string) error {
	request := frame{op: opDelete, key: key}
	_, err := c.ask(ctx, request)
	if err != nil && !errors.Is(err, ErrNotRunning) {
		_, err = c.insist(ctx, request)
	}
	if err != nil && !errors.Is(err, ErrNotRunning) {
		return fmt.Errorf("having the agent forget: %w", err)
	}
	return nil
}

// Status asks the agent about itself; the error is ErrNotRunning when there is none.
func (c *Client) Status(ctx context.Context) (Status, error) {
	answer, err := c.ask(ctx, frame{op: opStatus})
	if err != nil {
		return Status{}, fmt.Errorf("asking the agent: %w", err)
	}
	return parseStatus(answer)
}

// Stop has the agent forget everything and end, and returns what it kept; the error is ErrNotRunning when
// there is none. An agent that does not answer is cut off: its status is zero, and it ends as soon as it
// runs on.
func (c *Client) Stop(ctx context.Context) (Status, error) {
	request := frame{op: opStop}
	answer, err := c.ask(ctx, request)
	if err != nil && !errors.Is(err, ErrNotRunning) {
		answer, err = c.insist(ctx, request)
		if errors.Is(err, ErrNotRunning) {
			return Status{}, nil
		}
	}
	if err != nil {
		return Status{}, fmt.Errorf("stopping the agent: %w", err)
	}
	return parseStatus(answer)
}

// insist asks once more, with more patience and nobody starting an agent meanwhile. What does not answer
// then loses its socket, and the error is ErrNotRunning.
func (c *Client) insist(ctx context.Context, request frame) (frame, error) {
	if err := request.fits(); err != nil {
		return frame{}, err
	}
	release, err := lockStart(ctx, c.Dir)
	if err != nil {
		return frame{}, err
	}
	defer release()
	patient := Client{Dir: c.Dir, Timeout: hungLimit}
	answer, err := patient.ask(ctx, request)
	if err == nil || ctx.Err() != nil || errors.Is(err, ErrNotRunning) || errors.Is(err, ErrNewer) {
		return answer, err
	}
	if err := os.Remove(socketPath(c.Dir)); err != nil {
		return frame{}, err
	}
	return frame{}, ErrNotRunning
}

// ask sends one request. Its error is ErrNotRunning when nobody listens, or hangs up without a word as
// an agent does that is just ending: twice, for the first may have been an agent that another one replaced.
func (c *Client) ask(ctx context.Context, request frame) (frame, error) {
	if err := request.fits(); err != nil {
		return frame{}, err
	}
	if err := c.remembered(); err != nil {
		return frame{}, err
	}
	asked, patient := time.Now(), c.patient.Load() > 0
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
		c.remember(err, asked, patient)
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

// connect returns a connection to a process of this user's.
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
	case c.patient.Load() > 0:
		return startLimit
	}
	return callLimit
}
