//go:build unix

package process

import (
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Detached returns the attributes of a process in a new session, so that a terminal's hangup or Ctrl-C does not reach
// it.
func Detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// closeInherited closes inherited descriptors, so that no other process waits for a pipe or a lock as long as this
// process runs. A descriptor without FD_CLOEXEC was inherited, because the Go runtime sets it on all that it opens.
// The parent cannot do this: it may have other children that need the descriptors, such as the command of
// `daypass exec` under make's job server.
func closeInherited() {
	for fd := 3; fd < 1024; fd++ {
		closeIfInherited(fd)
	}
	open, _ := os.ReadDir("/dev/fd") // if it is empty or missing, only the first 1024 are closed
	for _, entry := range open {
		if fd, err := strconv.Atoi(entry.Name()); err == nil && fd >= 1024 {
			closeIfInherited(fd)
		}
	}
}

func closeIfInherited(fd int) {
	if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
		unix.Close(fd)
	}
}
