package process

import "golang.org/x/sys/unix"

// harden disables core dumps and debuggers (ptrace(2), PT_DENY_ATTACH). Errors are ignored, because the process works
// without.
func harden() {
	_ = unix.PtraceDenyAttach()
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}
