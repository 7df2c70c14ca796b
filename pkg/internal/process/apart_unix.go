//go:build unix

package process

import (
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Attributes start a process in a session of its own: no terminal's hangup or Ctrl-C reaches it.
func Attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// closeInherited closes what the caller's caller left open, so that nobody waits on a pipe or a lock
// for as long as this process lives. A descriptor without FD_CLOEXEC was inherited: all that the Go runtime
// opens has it. This process does it, not who starts it: there, the same descriptors may be meant for
// another child, such as the command of «daypass exec» under make's job server.
func closeInherited() {
	for fd := 3; fd < 1024; fd++ {
		closeIfInherited(fd)
	}
	open, _ := os.ReadDir("/dev/fd") // where that is empty or missing, the first thousand must do
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
