package profile

import (
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"github.com/daypass/daypass/pkg/internal/userfile"
)

// ExposedError says that another user can change a file that decides where daypass signs in or what it trusts.
type ExposedError struct {
	File string
	// Reason says who can change the file, and Fix how to prevent that.
	Reason, Fix string
}

// Error returns the file, the reason and the fix.
func (e *ExposedError) Error() string {
	return fmt.Sprintf("%q %s: %s", e.File, e.Reason, e.Fix)
}

// exposure returns nil if only this user and root can change the file. It does not check a pipe, and nothing on Windows,
// where files have no modes and the directory's access list applies.
func exposure(file string, info fs.FileInfo) *ExposedError {
	uid, gid := userfile.Owner(info)
	switch mode := info.Mode().Perm(); {
	case uid < 0 || !info.Mode().IsRegular():
		return nil
	case uid != 0 && uid != os.Geteuid():
		return &ExposedError{file, fmt.Sprintf("belongs to another user (uid %d), who can change it", uid),
			"use a file of your own, or change its owner"}
	case mode&0o002 != 0, mode&0o020 != 0 && !privateGroup(uid, gid):
		return &ExposedError{file, fmt.Sprintf("can be changed by other users (mode %04o)", mode),
			"chmod go-w " + strconv.Quote(file)}
	}
	return nil
}

// privateGroup reports whether the group is the user's own, without other members. On many systems each user has such a
// group, with the same number, and a umask that gives it write access (pam_umask(8), usergroups).
func privateGroup(uid, gid int) bool { return uid != 0 && uid == gid }

// refused returns the error for a file that contains a secret.
func (e *ExposedError) refused(o origin, key string) *Error {
	invalid := o.errorf(key, "%q %s, and it contains a client secret", e.File, e.Reason)
	invalid.Hint = e.Fix
	return invalid
}

// hasSecret reports whether any table of the file has a secret, even if the profile does not use it.
func (c *config) hasSecret(known schema) bool {
	for _, sections := range []map[string]*section{c.logins, c.profiles} {
		for _, section := range sections {
			for path, e := range section.values {
				if known.keys[path].Kind == KindSecret && len(e.texts) > 0 && e.texts[0] != "" {
					return true
				}
			}
		}
	}
	return false
}
