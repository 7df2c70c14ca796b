//go:build !unix

package userfile

import "io/fs"

const hasModes = false

// Owner returns the user ID and the group ID of the file's owner; -1 on Windows, as os.Geteuid does there.
func Owner(fs.FileInfo) (uid, gid int) { return -1, -1 }

// syncDir has nothing to do: NTFS keeps a journal of its directories.
func syncDir(string) {}
