//go:build unix

package lock

import "syscall"

const (
	// openFlags make open(2) refuse a symbolic link, and not wait for the other end of a pipe. (O_CLOEXEC is set by
	// package os.)
	openFlags = syscall.O_NOFOLLOW | syscall.O_NONBLOCK
	// removes says that the holder removes the file.
	removes = true
)
