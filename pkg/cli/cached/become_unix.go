//go:build unix

package cached

import (
	"os"
	"syscall"
)

// become returns only when it fails.
func become(program string, argv []string) error {
	return &os.PathError{Op: "exec", Path: program, Err: syscall.Exec(program, argv, os.Environ())}
}
