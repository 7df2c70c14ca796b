package agent

import (
	"errors"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

// noFollow has no counterpart here.
const noFollow = 0

// tryLock takes the file's lock until it is closed, or reports that another has it.
func tryLock(file *os.File) bool {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	return windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, new(windows.Overlapped)) == nil
}

// isAbsent takes every failed connect for no agent: which error a socket without a listener gives
// differs between releases of Windows.
func isAbsent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" || errors.Is(err, windows.WSAECONNRESET)
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
