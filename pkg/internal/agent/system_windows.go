package agent

import (
	"errors"
	"net"

	"golang.org/x/sys/windows"
)

// isAbsent treats every failed connect as no agent: the error of a socket without a listener differs between releases
// of Windows.
func isAbsent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// isHungUp reports whether a connection's error means that the agent has just exited, or is exiting.
func isHungUp(err error) bool {
	return errors.Is(err, windows.WSAECONNRESET) || errors.Is(err, windows.WSAECONNABORTED)
}
