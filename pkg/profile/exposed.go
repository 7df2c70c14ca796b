package profile

import (
	"fmt"
	"strconv"
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

func worldWritable(file string, mode uint32) *ExposedError {
	return &ExposedError{file, fmt.Sprintf("can be changed by other users (mode %04o)", mode), "chmod go-w " + strconv.Quote(file)}
}

func foreign(file string, uid uint32) *ExposedError {
	return &ExposedError{file, fmt.Sprintf("belongs to another user (uid %d), who can change it", uid), "use a file of your own, or change its owner"}
}

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
