package agent

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
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
	fail := func(format string, values ...any) error {
		return &DirError{Dir: dir, Err: fmt.Errorf(format, values...)}
	}
	if n := len(socketPath(dir)); n > maxSocketPath {
		return fail("private directory %q: its socket's path would have %d bytes, and %d is the most", dir, n, maxSocketPath)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fail("making a private directory: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fail("checking the private directory: %w", err)
	}
	if fault := faultOf(info); fault != "" {
		return &DirError{Dir: dir, TooOpen: strings.HasPrefix(fault, tooOpen), Err: fmt.Errorf("%w: %q %s", ErrUnsafeDir, dir, fault)}
	}
	return nil
}

// tooOpen begins the fault that chmod mends.
const tooOpen = "is open to others"
