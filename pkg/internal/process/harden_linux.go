package process

import "golang.org/x/sys/unix"

// harden refuses core dumps, and ptrace by all but root (prctl(2), PR_SET_DUMPABLE). The process works
// without, so failures pass.
func harden() {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}
