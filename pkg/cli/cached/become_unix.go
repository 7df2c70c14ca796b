//go:build unix

package cached

import (
	"os"
	"syscall"
)

// become replaces this process by the program. It returns only if that fails.
func become(program string, argv []string) error {
	return &os.PathError{Op: "exec", Path: program, Err: syscall.Exec(program, argv, os.Environ())}
}
