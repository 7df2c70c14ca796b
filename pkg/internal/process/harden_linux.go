package process

import "golang.org/x/sys/unix"

// harden disables core dumps, and ptrace by all users but root (prctl(2), PR_SET_DUMPABLE). Errors are ignored, because
// the process works without.
func harden() {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}
