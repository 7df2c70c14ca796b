package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Client reaches the agent in Dir. Each call is one connection, one request, one answer, and costs at
// most Timeout, whatever listens there. It may be used by several goroutines at once.
type Client struct {
	// Dir is what the function Dir returned.
	Dir string
	// Command is a program and its arguments that starts an agent when something is to be put and none
	// runs: with "--dir DIR" behind them it is to call Serve. Empty: none is ever started, as becomes a
	// library in somebody else's program.
	Command []string
	// Timeout bounds a call, the start of an agent not counted; zero means 250 ms.
	Timeout time.Duration
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
// until it is deleted. It starts an agent when none runs, which takes at most two seconds more; without
// a Command the error is then ErrNotRunning.
func (c *Client) Put(ctx context.Context, key string, value []byte, until time.Time) error {
	request := frame{op: opPut, key: key, value: value, until: until}
	answer, err := c.ask(ctx, request)
	if errors.Is(err, ErrNotRunning) && len(c.Command) > 0 {
		if err := spawn(c.Command, c.Dir); err != nil {
			return err
		}
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

// Delete forgets the key and every key below it ("key/…"). Nothing there, or no agent, is no error.
func (c *Client) Delete(ctx context.Context, key string) error {
	_, err := c.ask(ctx, frame{op: opDelete, key: key})
	if err != nil && !errors.Is(err, ErrNotRunning) {
		return fmt.Errorf("having the agent forget: %w", err)
	}
	return nil
}

// ask sends one request. Its error is ErrNotRunning when nobody listens, or hangs up without a word as
// an agent does that is just ending.
func (c *Client) ask(ctx context.Context, request frame) (frame, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout(), ErrNoAnswer)
	defer cancel()
	answer, err := roundTrip(ctx, c.Dir, request)
	switch {
	case err == nil:
		return answer, nil
	case ctx.Err() != nil:
		return frame{}, context.Cause(ctx)
	case isAbsent(err) || errors.Is(err, io.EOF):
		return frame{}, ErrNotRunning
	}
	return frame{}, err
}

func roundTrip(ctx context.Context, dir string, request frame) (frame, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", socketPath(dir))
	if err != nil {
		return frame{}, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := checkPeer(conn); err != nil {
		return frame{}, err
	}
	if err := writeFrame(conn, request); err != nil {
		return frame{}, err
	}
	return readFrame(conn)
}

func (c *Client) timeout() time.Duration {
	if c.Timeout > 0 {
		return c.Timeout
	}
	return callLimit
}
