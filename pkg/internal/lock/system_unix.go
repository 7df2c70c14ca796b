//go:build unix

package lock

import "syscall"

const (
	// noFollow makes open(2) refuse a symbolic link. (O_CLOEXEC is set by package os.)
	noFollow = syscall.O_NOFOLLOW
	// removes says that the holder removes the file.
	removes = true
)
