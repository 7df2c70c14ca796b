//go:build unix

package signin

import (
	"syscall"
	"testing"
)

// A pipe at the record's path does not block.
func TestPipe(t *testing.T) {
	t.Parallel()
	l := newCoordinator(t)
	if err := syscall.Mkfifo(l.Path, 0o600); err != nil {
		t.Skip(err)
	}
	if err := l.Check(); err != nil {
		t.Errorf("Check: %v", err)
	}
	begin(t, l).end("")
}
