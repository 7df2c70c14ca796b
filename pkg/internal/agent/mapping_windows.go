package agent

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// mapMemory allocates memory on Go's heap, which never moves it, and locks it.
func mapMemory(size int) (memory []byte, locked bool, err error) {
	memory = make([]byte, size)
	return memory, windows.VirtualLock(address(memory), uintptr(size)) == nil, nil
}

func unmapMemory(memory []byte) { _ = windows.VirtualUnlock(address(memory), uintptr(len(memory))) }

func address(memory []byte) uintptr { return uintptr(unsafe.Pointer(&memory[0])) }
