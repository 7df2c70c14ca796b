package process

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// Detached returns the attributes of a process without a console, so that it outlives the caller's console.
func Detached() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		HideWindow:    true,
		CreationFlags: windows.DETACHED_PROCESS | windows.CREATE_NEW_PROCESS_GROUP,
	}
}

// On Windows nothing has to be closed, because a handle is inherited only when it is named. There is no hardening.
func closeInherited() {}
func harden()         {}
