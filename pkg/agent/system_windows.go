package agent

import (
	"errors"
	"net"
	"syscall"

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

// harden and closeInherited have no counterpart here: handles are inherited only when named.
func harden()         {}
func closeInherited() {}

// detached starts the process in no console, so that it outlives the caller's.
func detached() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		HideWindow:    true,
		CreationFlags: windows.DETACHED_PROCESS | windows.CREATE_NEW_PROCESS_GROUP,
	}
}
