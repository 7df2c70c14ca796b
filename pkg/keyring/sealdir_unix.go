//go:build unix

package keyring

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// faultOf says what makes a directory unfit, or "".
func faultOf(info fs.FileInfo) string {
	owner, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return "is a symbolic link"
	case !info.IsDir():
		return "is no directory"
	case !ok || int(owner.Uid) != os.Geteuid():
		return "belongs to another user"
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Sprintf("is open to others (mode %04o, want 0700)", info.Mode().Perm())
	}
	return ""
}

// sync has the directory's own entries on the disk.
func (d sealDir) sync() error {
	dir, err := d.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
