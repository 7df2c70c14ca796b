//go:build unix

package loginindex

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// An index that another user could have written is not believed, and the error says what to do. Nothing is written to
// such a directory.
func TestOthersIndex(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(f *File) error
		want  string
	}{
		"a directory that others can write to": {func(f *File) error { return os.Chmod(f.Dir, 0o777) }, "run chmod 700"},
		"another user's directory": {func(f *File) error { return os.Chown(f.Dir, os.Geteuid()+1, -1) },
			"belongs to another user; remove it, or set DAYPASS_STATE_DIR"},
		"a link to a directory": {func(f *File) error {
			return errors.Join(os.Rename(f.Dir, f.Dir+".away"), os.Symlink(f.Dir+".away", f.Dir))
		}, "is a symbolic link; remove it, or set DAYPASS_STATE_DIR"},
		"a file that others can write to": {func(f *File) error { return os.Chmod(f.path(), 0o666) }, "can be changed by other users"},
		"another user's file":             {func(f *File) error { return os.Chown(f.path(), os.Geteuid()+1, -1) }, "belongs to another user; remove it"},
		"a link to a file": {func(f *File) error {
			return errors.Join(os.Rename(f.path(), f.path()+".away"), os.Symlink(f.path()+".away", f.path()))
		}, "not a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFile(t)
			note(t, f, google)
			if err := test.spoil(f); errors.Is(err, os.ErrPermission) {
				t.Skip("only root can change an owner")
			} else if err != nil {
				t.Fatal(err)
			}
			logins, err := f.Logins()
			if len(logins) != 0 || err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), f.Dir) {
				t.Errorf("Logins = %v, %v; want none and an error with %q and the path", logins, err, test.want)
			}
			if err := f.Note(t.Context(), Login{Key: "login/2"}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Note = %v, want an error with %q", err, test.want)
			}
		})
	}
}

// Others may see that there is an index.
func TestReadableDirectory(t *testing.T) {
	t.Parallel()
	f := newFile(t)
	note(t, f, google)
	if err := os.Chmod(f.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f.want(t, google)
	note(t, f, Login{Key: "login/2"})
}

// A pipe in place of the lock's file does not stop a sign-in.
func TestPipeAsLock(t *testing.T) {
	t.Parallel()
	f := newFile(t)
	note(t, f, google)
	if err := syscall.Mkfifo(filepath.Join(f.Dir, lockName), 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- f.Note(t.Context(), Login{Key: "login/2"}) }()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("Note = %v, want an error", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Note blocks until the pipe has a writer")
	}
}
