//go:build unix

package agent

import "golang.org/x/sys/unix"

// mapMemory maps new memory and reports whether it could be locked. RLIMIT_MEMLOCK may forbid that; the agent works
// without.
func mapMemory(size int) (memory []byte, locked bool, err error) {
	memory, err = unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, false, err
	}
	excludeFromDumps(memory)
	return memory, unix.Mlock(memory) == nil, nil
}

func unmapMemory(memory []byte) { _ = unix.Munmap(memory) }
