//go:build unix

package profile

import (
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
