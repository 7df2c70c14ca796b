//go:build unix

package agent

import (
	"errors"
	"io/fs"
	"syscall"
)

// isAbsent reports whether a connection's error means that no agent listens.
func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

// isHungUp reports whether a connection's error means that the agent has just exited, or is exiting.
func isHungUp(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
