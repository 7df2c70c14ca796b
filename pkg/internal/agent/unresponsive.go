package agent

import (
	"os"
	"time"
)

// retryAfter is how long a client does not ask an agent again that did not answer.
const retryAfter = time.Minute

// unresponsive describes an agent that did not answer. It is identified by its socket.
type unresponsive struct {
	socket os.FileInfo
	since  time.Time
	err    error
	// long says that the call had the long timeout.
	long bool
}

// remember stores the error of a call that began at that time, unless the socket has been replaced since. File
// times are as coarse as the kernel's tick.
func (c *Client) remember(err error, began time.Time, long bool) {
	const tick = 10 * time.Millisecond
	socket, statErr := os.Lstat(socketPath(c.Dir))
	if statErr != nil || socket.ModTime().After(began.Add(-tick)) {
		return
	}
	c.last.Store(&unresponsive{socket: socket, since: time.Now(), err: err, long: long})
}

// remembered returns the error of the last call if the same agent is still there and need not be asked again.
func (c *Client) remembered() error {
	met := c.last.Load()
	if met == nil {
		return nil
	}
	socket, err := os.Lstat(socketPath(c.Dir))
	if err == nil && os.SameFile(socket, met.socket) && socket.ModTime().Equal(met.socket.ModTime()) &&
		time.Since(met.since) < retryAfter && (met.long || c.longTimeouts.Load() == 0) {
		return met.err
	}
	c.last.CompareAndSwap(met, nil)
	return nil
}
