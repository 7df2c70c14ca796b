package agent

import "golang.org/x/sys/unix"

// excludeFromDumps excludes memory from core dumps (madvise(2)).
func excludeFromDumps(memory []byte) { _ = unix.Madvise(memory, unix.MADV_NOCORE) }
