package agent

import (
	"os"
	"time"
)

// forgiven is how long a client holds against an agent that it did not answer.
const forgiven = time.Minute

// silence is an agent that did not answer, known by its socket.
type silence struct {
	socket os.FileInfo
	since  time.Time
	err    error
	// patient says that it was waited for as long as it ever is.
	patient bool
}

// remember keeps in mind what a call met that began then, unless the socket was replaced since: its
// times are as coarse as the kernel's tick.
func (c *Client) remember(err error, asked time.Time, patient bool) {
	const tick = 10 * time.Millisecond
	socket, fault := os.Lstat(socketPath(c.Dir))
	if fault != nil || socket.ModTime().After(asked.Add(-tick)) {
		return
	}
	c.silent.Store(&silence{socket: socket, since: time.Now(), err: err, patient: patient})
}

// remembered is the error of the call that met the agent that is still there.
func (c *Client) remembered() error {
	met := c.silent.Load()
	if met == nil {
		return nil
	}
	socket, err := os.Lstat(socketPath(c.Dir))
	if err == nil && os.SameFile(socket, met.socket) && socket.ModTime().Equal(met.socket.ModTime()) &&
		time.Since(met.since) < forgiven && (met.patient || c.patient.Load() == 0) {
		return met.err
	}
	c.silent.CompareAndSwap(met, nil)
	return nil
}
