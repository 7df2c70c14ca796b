package profile

import (
	"fmt"
	"io/fs"
	"os"
	"strconv"

	"github.com/daypass/daypass/pkg/internal/userfile"
)

// ExposedError says that another user can change a file which decides where daypass signs in, or what it
// trusts.
type ExposedError struct {
	File string
	// Reason says who can change it, and Fix what helps.
	Reason, Fix string
}

// Error says who can change the file, and what helps.
func (e *ExposedError) Error() string {
	return fmt.Sprintf("%q %s: %s", e.File, e.Reason, e.Fix)
}

// exposure returns nil if nobody but this user and root can change the file. A pipe is not checked, nor is
// anything on Windows: there are no modes there, and the access list of the folder has to be enough.
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

// privateGroup reports whether the group is the user's own, with no other members. Many systems give each
// user one with the user's number, and a umask that lets it write (pam_umask(8), usergroups).
func privateGroup(uid, gid int) bool { return uid != 0 && uid == gid }

// refused is the error for a file that holds a secret.
func (e *ExposedError) refused(o origin, key string) *Error {
	fault := o.fault(key, "%q %s, and it holds a client secret", e.File, e.Reason)
	fault.Hint = e.Fix
	return fault
}

// hasSecret reports whether any table of the file has a secret, used or not.
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
