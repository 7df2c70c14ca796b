//go:build unix

package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

func ownDir() (string, error) {
	uid := strconv.Itoa(os.Geteuid())
	session := filepath.Join("/run/user", uid)
	if info, err := os.Lstat(session); err == nil && faultOf(info) == "" {
		return filepath.Join(session, "daypass"), nil
	}
	who, err := user.LookupId(uid)
	if err != nil {
		return "", err
	}
	if !filepath.IsAbs(who.HomeDir) {
		return "", errors.New("the password database names no home")
	}
	return filepath.Join(who.HomeDir, ".local", "state", "daypass", "run"), nil
}

// faultOf says what makes a directory unfit, or "".
func faultOf(info os.FileInfo) string {
	owner, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return "is a symbolic link"
	case !info.IsDir():
		return "is no directory"
	case !ok || int(owner.Uid) != os.Geteuid():
		return "belongs to another user"
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Sprintf(tooOpen+" (mode %04o, want 0700)", info.Mode().Perm())
	}
	return ""
}
