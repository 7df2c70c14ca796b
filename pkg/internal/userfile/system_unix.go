//go:build unix

package userfile

import (
	"io/fs"
	"os"
	"syscall"
)

const hasModes = true

// Owner returns the user ID and the group ID of the file's owner; -1 on Windows, as os.Geteuid does there.
func Owner(info fs.FileInfo) (uid, gid int) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return -1, -1
	}
	return int(stat.Uid), int(stat.Gid)
}

// syncDir flushes the directory's entries to the disk. Its errors are ignored: some file systems cannot do
// it, and the file itself has been flushed.
func syncDir(path string) {
	dir, err := os.Open(path)
	if err != nil {
		return
	}
	defer dir.Close()
	_ = dir.Sync()
}
