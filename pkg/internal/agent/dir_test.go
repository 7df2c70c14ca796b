//go:build unix

package agent

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDirIsMade(t *testing.T) {
	t.Parallel()
	want := filepath.Join(shortDir(t), "a", "b")
	for range 2 {
		got, err := Dir(want)
		if err != nil || got != want {
			t.Fatalf("Dir(%q) = %q, %v", want, got, err)
		}
	}
	if info, err := os.Lstat(want); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode %v (%v), want 0700", info, err)
	}
}

func TestUnsafeDirs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil func(dir string) error
		want  string
	}{
		"readable by the group": {func(dir string) error { return os.Chmod(dir, 0o750) }, "mode 0750"},
		"writable by all":       {func(dir string) error { return os.Chmod(dir, 0o1777) }, "open to others"},
		"another user's":        {func(dir string) error { return os.Chown(dir, os.Geteuid()+1, -1) }, "another user"},
		"a link": {func(dir string) error {
			return errors.Join(os.Rename(dir, dir+".away"), os.Symlink(dir+".away", dir))
		}, "symbolic link"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(shortDir(t), "run")
			if _, err := Dir(dir); err != nil {
				t.Fatal(err)
			}
			if err := test.spoil(dir); errors.Is(err, os.ErrPermission) {
				t.Skip("only root can change a directory's owner")
			} else if err != nil {
				t.Fatal(err)
			}
			if _, err := Dir(dir); !errors.Is(err, ErrUnsafeDir) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Dir = %v, want %v and the words %q", err, ErrUnsafeDir, test.want)
			}
		})
	}
}

func TestInvalidDirs(t *testing.T) {
	t.Parallel()
	file := filepath.Join(shortDir(t), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	long := "/" + strings.Repeat("x", maxSocketPath)
	for _, dir := range []string{file, filepath.Join(file, "below"), long} {
		if got, err := Dir(dir); err == nil {
			t.Errorf("Dir(%.20q…) = %.20q…, want an error", dir, got)
		}
	}
}

// The directory depends on the user alone, not on the environment. The test changes the environment, so it is not
// parallel.
func TestOwnDirIgnoresTheEnvironment(t *testing.T) {
	want, err := ownDir()
	if err != nil {
		t.Skipf("this user has no entry in the password database: %v", err)
	}
	for _, name := range []string{"HOME", "USER", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "TMPDIR"} {
		t.Setenv(name, "/elsewhere")
	}
	if got, err := ownDir(); got != want || err != nil {
		t.Errorf("with another environment: %q, %v; want %q", got, err, want)
	}
}
