package process

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// Attributes start a process in no console, so that it outlives the caller's.
func Attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		HideWindow:    true,
		CreationFlags: windows.DETACHED_PROCESS | windows.CREATE_NEW_PROCESS_GROUP,
	}
}

// These have no counterpart here: handles are inherited only when named.
func closeInherited() {}
func harden()         {}
