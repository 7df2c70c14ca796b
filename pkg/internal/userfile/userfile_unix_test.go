//go:build unix

package userfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
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

// Others may read the names in the state directory, but not change it. The error says what to do.
func TestStateDir(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "dir")
	must(t, MakeStateDir(dir))
	must(t, os.Chmod(dir, 0o755))
	must(t, CheckStateDir(dir))
	for _, mode := range []os.FileMode{0o720, 0o702, 0o1777} {
		must(t, os.Chmod(dir, mode))
		if err := MakeStateDir(dir); err == nil || !strings.HasSuffix(err.Error(), "; run chmod 700 on it") {
			t.Errorf("MakeStateDir of mode %v = %v, want an error", mode, err)
		}
	}
	must(t, errors.Join(os.Remove(dir), os.Symlink(t.TempDir(), dir)))
	if err := MakeStateDir(dir); err == nil || !strings.Contains(err.Error(), "set DAYPASS_STATE_DIR") {
		t.Errorf("MakeStateDir of a link = %v, want an error", err)
	}
}

func TestReadRefusesOthersFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(path, []byte("12345"), 0o600))
	must(t, os.Chmod(path, 0o644))
	if _, err := Read(path, 5); err != nil {
		t.Errorf("Read of a file that others can read = %v, want its content", err)
	}
	for _, mode := range []os.FileMode{0o620, 0o602} {
		must(t, os.Chmod(path, mode))
		if _, err := Read(path, 5); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "can be changed by other users") {
			t.Errorf("Read of mode %v = %v, want %v", mode, err, ErrInvalid)
		}
	}
	must(t, os.Chmod(path, 0o600))
	if os.Chown(path, os.Geteuid()+1, -1) != nil {
		t.Skip("only root can change a file's owner")
	}
	if _, err := Read(path, 5); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "belongs to another user") {
		t.Errorf("Read of another user's file = %v, want %v", err, ErrInvalid)
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
