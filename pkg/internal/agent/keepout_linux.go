package agent

import "golang.org/x/sys/unix"

// keepOut leaves memory out of dumps and of child processes (madvise(2)), whatever package apart obtained.
func keepOut(memory []byte) {
	_ = unix.Madvise(memory, unix.MADV_DONTDUMP)
	_ = unix.Madvise(memory, unix.MADV_DONTFORK)
}
