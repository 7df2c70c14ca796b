//go:build unix

package lock

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Only a regular file is locked, and a pipe does not block a caller until it has a writer.
func TestPipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "login.lock")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := Acquire(t.Context(), path); !errors.Is(err, errNotRegular) {
			t.Errorf("Acquire = %v, want %v", err, errNotRegular)
		}
		if _, ok := Try(path); ok {
			t.Error("Try took a lock on a pipe")
		}
		if _, err := Await(t.Context(), path); !errors.Is(err, errNotRegular) {
			t.Errorf("Await = %v, want %v", err, errNotRegular)
		}
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("blocked until the pipe has a writer")
	}
}
