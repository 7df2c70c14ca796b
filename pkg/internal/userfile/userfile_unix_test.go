//go:build unix

package userfile

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestUnsafeDirs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil   func(dir string) error
		reason  string
		tooOpen bool
	}{
		"readable by the group": {func(dir string) error { return os.Chmod(dir, 0o750) }, "is open to others (mode 0750, want 0700)", true},
		"writable by all":       {func(dir string) error { return os.Chmod(dir, 0o777) }, "is open to others (mode 0777, want 0700)", true},
		"another user's":        {func(dir string) error { return os.Chown(dir, os.Geteuid()+1, -1) }, "belongs to another user", false},
		"a link": {func(dir string) error {
			return errors.Join(os.Rename(dir, dir+".away"), os.Symlink(dir+".away", dir))
		}, "is a symbolic link", false},
		"a file": {func(dir string) error {
			return errors.Join(os.Remove(dir), os.WriteFile(dir, nil, 0o600))
		}, "is not a directory", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "dir")
			must(t, MakeDir(dir))
			if err := test.spoil(dir); errors.Is(err, os.ErrPermission) {
				t.Skip("only root can change a directory's owner")
			} else if err != nil {
				t.Fatal(err)
			}
			unsafe, ok := errors.AsType[*UnsafeError](CheckDir(dir))
			if !ok || unsafe.Dir != dir || unsafe.Reason != test.reason || unsafe.TooOpen != test.tooOpen {
				t.Errorf("CheckDir = %+v, want the reason %q", unsafe, test.reason)
			}
		})
	}
}

func TestOwner(t *testing.T) {
	t.Parallel()
	info, err := os.Lstat(t.TempDir())
	must(t, err)
	if got, _ := Owner(info); got != os.Geteuid() {
		t.Errorf("the owner of this user's directory is %d, want %d", got, os.Geteuid())
	}
}

func TestReadDoesNotWaitForAPipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	must(t, syscall.Mkfifo(path, 0o600))
	done := make(chan error, 1)
	go func() {
		_, err := Read(path, 5)
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil {
			t.Error("Read of a pipe = nil, want an error")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Read blocks until the pipe has a writer")
	}
}
