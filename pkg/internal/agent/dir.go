package agent

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/daypass/daypass/pkg/internal/userfile"
)

// maxSocketPath is the limit of the BSDs and macOS, without the final NUL.
const maxSocketPath = 103

// Dir returns the directory of the agent's socket and of the locks, and creates it (mode 0700) if it does not exist.
// It depends on the user, not on the environment, so that cron and a desktop session use the same one: override if
// not empty; else daypass in /run/user/UID if that directory belongs to the user; else .local/state/daypass/run in
// the home directory from the password database (%LocalAppData% on Windows). An error is a *DirError, and wraps
// ErrUnsafeDir when other users could access the directory.
func Dir(override string) (string, error) {
	var dir string
	var err error
	if override == "" {
		dir, err = ownDir()
	} else {
		dir, err = filepath.Abs(override)
	}
	if err != nil {
		return "", &DirError{Err: fmt.Errorf("choosing a private directory: %w", err)}
	}
	if err := prepare(dir); err != nil {
		return "", err
	}
	return dir, nil
}

// DirError says why there is no usable private directory.
type DirError struct {
	Dir string
	// TooOpen says that only the directory's mode is wrong.
	TooOpen bool
	Err     error
}

// Error names the directory and what is wrong with it.
func (e *DirError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *DirError) Unwrap() error { return e.Err }

func prepare(dir string) error {
	if n := len(socketPath(dir)); n > maxSocketPath {
		return &DirError{Dir: dir, Err: fmt.Errorf("private directory %q: the path of its socket has %d bytes; the limit is %d",
			dir, n, maxSocketPath)}
	}
	err := userfile.MakeDir(dir)
	if unsafe, ok := errors.AsType[*userfile.UnsafeError](err); ok {
		return &DirError{Dir: dir, TooOpen: unsafe.TooOpen, Err: fmt.Errorf("%w: %w", ErrUnsafeDir, err)}
	}
	if err != nil {
		return &DirError{Dir: dir, Err: fmt.Errorf("making a private directory: %w", err)}
	}
	return nil
}
