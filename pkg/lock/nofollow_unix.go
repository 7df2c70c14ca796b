//go:build unix

package lock

import "syscall"

// noFollow makes open(2) refuse a symbolic link. (O_CLOEXEC is set by package os.)
const noFollow = syscall.O_NOFOLLOW
