package agent

import "golang.org/x/sys/unix"

// excludeFromDumps excludes memory from core dumps and from child processes (madvise(2)). It does not rely on
// package process, whose limits the OS may have refused.
func excludeFromDumps(memory []byte) {
	_ = unix.Madvise(memory, unix.MADV_DONTDUMP)
	_ = unix.Madvise(memory, unix.MADV_DONTFORK)
}
