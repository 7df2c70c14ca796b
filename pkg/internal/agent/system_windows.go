package agent

import (
	"errors"
	"net"

	"golang.org/x/sys/windows"
)

// isAbsent takes every failed connect for no agent: which error a socket without a listener gives
// differs between releases of Windows.
func isAbsent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// isHungUp reports whether an agent has just ended, or is ending.
func isHungUp(err error) bool {
	return errors.Is(err, windows.WSAECONNRESET) || errors.Is(err, windows.WSAECONNABORTED)
}
