package agent

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"
)

// The kernel reports the memory as locked, not dumped and not inherited by child processes (proc(5), smaps).
func TestMemoryIsLockedAndNotDumped(t *testing.T) {
	t.Parallel()
	memory, locked, err := mapMemory(chunkSize)
	if err != nil {
		t.Fatal(err)
	}
	defer unmapMemory(memory)
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Skip(err)
	}
	_, after, found := strings.Cut(string(smaps), fmt.Sprintf("\n%x-", uintptr(unsafe.Pointer(&memory[0]))))
	_, after, flagged := strings.Cut(after, "VmFlags:")
	if !found || !flagged {
		t.Skip("the kernel does not list the mapping separately here")
	}
	line, _, _ := strings.Cut(after, "\n")
	for flag, want := range map[string]bool{" dd": true, " dc": true, " lo": locked} {
		if strings.Contains(line, flag) != want {
			t.Errorf("flags are%s; want%s: %v", line, flag, want)
		}
	}
}
