package agent

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/daypass/daypass/pkg/internal/userfile"
)

// maxSocketPath is what the BSDs and macOS take, less the closing zero.
const maxSocketPath = 103

// Dir returns the directory of the agent's socket and of the locks, and creates it (mode 0700) if need
// be. It follows from the user, not from the environment, so that cron and a desktop session agree:
// override if given, else daypass below /run/user/UID if that is ours, else .local/state/daypass/run
// below the home that the password database names (%LocalAppData% on Windows). An error is a *DirError,
// and wraps ErrUnsafeDir when others could reach into it.
func Dir(override string) (string, error) {
	dir, err := override, error(nil)
	if dir == "" {
		dir, err = ownDir()
	} else {
		dir, err = filepath.Abs(dir)
	}
	if err != nil {
		return "", &DirError{Err: fmt.Errorf("choosing a private directory: %w", err)}
	}
	if err := prepare(dir); err != nil {
		return "", err
	}
	return dir, nil
}

// DirError says why there is no private directory.
type DirError struct {
	Dir string
	// TooOpen says that nothing but the directory's mode is wrong.
	TooOpen bool
	Err     error
}

// Error names the directory and what is wrong with it.
func (e *DirError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *DirError) Unwrap() error { return e.Err }

func prepare(dir string) error {
	if n := len(socketPath(dir)); n > maxSocketPath {
		return &DirError{Dir: dir, Err: fmt.Errorf("private directory %q: its socket's path would have %d bytes, and %d is the most",
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
