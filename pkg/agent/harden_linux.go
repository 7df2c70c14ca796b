package agent

import "golang.org/x/sys/unix"

// harden refuses core dumps, and ptrace by all but root (prctl(2), PR_SET_DUMPABLE). The rest of the
// agent works without, so failures pass.
func harden() {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}

// keepOut leaves memory out of dumps and of child processes (madvise(2)), whatever becomes of harden.
func keepOut(memory []byte) {
	_ = unix.Madvise(memory, unix.MADV_DONTDUMP)
	_ = unix.Madvise(memory, unix.MADV_DONTFORK)
}
