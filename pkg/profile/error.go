package profile

import (
	"errors"
	"fmt"
	"strings"
)

// Error is an invalid or missing value. Load joins several of them.
type Error struct {
	// File, Line and Column (both from 1, the column in bytes) are the value's place in a file. Line is 0 if the error is
	// about the whole file.
	File         string
	Line, Column int
	// Key is the key in a file ("role.arn"), the flag ("--role-arn") or the variable ("DAYPASS_ROLE_ARN"). It may be empty.
	Key     string
	Message string
	// Hint is advice for a second line, or empty.
	Hint string
}

// Error returns "config.toml:12:3: role.arn: message", without the parts that are not known.
func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(position(e.File, e.Line, e.Column) + ": ")
	}
	if e.Key != "" {
		b.WriteString(e.Key + ": ")
	}
	b.WriteString(e.Message)
	return b.String()
}

func position(file string, line, column int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d:%d", file, line, column)
}

// origin is where a value comes from: a place in a file, or the name of a flag, variable or preset. The zero origin is a
// default.
type origin struct {
	file         string
	line, column int
	name         string
}

func (o origin) String() string {
	if o.file != "" {
		return position(o.file, o.line, o.column)
	}
	return o.name
}

// errorf returns an error with the place o. The name of a flag or variable replaces the key.
func (o origin) errorf(key, format string, args ...any) *Error {
	if o.name != "" {
		key = o.name
	}
	return &Error{File: o.file, Line: o.line, Column: o.column, Key: key, Message: fmt.Sprintf(format, args...)}
}

// maxErrors limits the errors that are reported: a file that is not a configuration has thousands.
const maxErrors = 10

// join joins the errors. It returns nil for none, and a single one as it is.
func join(errs []*Error) error {
	switch {
	case len(errs) == 0:
		return nil
	case len(errs) == 1:
		return errs[0]
	}
	var all []error
	for _, f := range errs[:min(len(errs), maxErrors)] {
		all = append(all, f)
	}
	return errors.Join(all...)
}
