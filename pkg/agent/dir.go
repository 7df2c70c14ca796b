package agent

import (
	"fmt"
	"os"
	"path/filepath"
)

// maxSocketPath is what the BSDs and macOS take, less the closing zero.
const maxSocketPath = 103

// Dir returns the directory of the agent's socket and of the locks, and creates it (mode 0700) if need
// be. It follows from the user, not from the environment, so that cron and a desktop session agree:
// override if given, else daypass below /run/user/UID if that is ours, else .local/state/daypass/run
// below the home that the password database names (%LocalAppData% on Windows). An error wraps
// ErrUnsafeDir when others could reach into it, and says how.
func Dir(override string) (string, error) {
	dir, err := override, error(nil)
	if dir == "" {
		dir, err = ownDir()
	} else {
		dir, err = filepath.Abs(dir)
	}
	if err != nil {
		return "", fmt.Errorf("choosing a private directory: %w", err)
	}
	if n := len(socketPath(dir)); n > maxSocketPath {
		return "", fmt.Errorf("private directory %q: its socket's path would have %d bytes, and %d is the most", dir, n, maxSocketPath)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("making a private directory: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("checking the private directory: %w", err)
	}
	if fault := faultOf(info); fault != "" {
		return "", fmt.Errorf("%w: %q %s", ErrUnsafeDir, dir, fault)
	}
	return dir, nil
}
