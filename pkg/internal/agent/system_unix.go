//go:build unix

package agent

import (
	"errors"
	"io/fs"
	"syscall"
)

// isAbsent reports whether an error of a connection means that no agent lives behind it.
func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

// isHungUp reports whether it means that one has just ended, or is ending.
func isHungUp(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
