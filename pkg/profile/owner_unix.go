//go:build unix

package profile

import (
	"io/fs"
	"os"
	"syscall"
)

// ownedByUs reports false when root would work in a directory of somebody else.
func ownedByUs(path string) bool {
	info, err := os.Stat(path)
	if err != nil || os.Geteuid() != 0 {
		return true
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return !ok || stat.Uid == 0
}

// exposure returns nil if nobody but this user and root can change the file. A pipe is not checked.
func exposure(file string, info fs.FileInfo) *ExposedError {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch mode := uint32(info.Mode().Perm()); {
	case !ok || !info.Mode().IsRegular():
		return nil
	case stat.Uid != 0 && int(stat.Uid) != os.Geteuid():
		return foreign(file, stat.Uid)
	case mode&0o002 != 0, mode&0o020 != 0 && !privateGroup(stat.Uid, stat.Gid):
		return worldWritable(file, mode)
	}
	return nil
}

// privateGroup reports whether the group is the user's own, with no other members. Many systems give each
// user one with the user's number, and a umask that lets it write (pam_umask(8), usergroups).
func privateGroup(uid, gid uint32) bool { return uid != 0 && uid == gid }
