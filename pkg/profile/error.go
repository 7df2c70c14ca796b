package profile

import (
	"errors"
	"fmt"
	"strings"
)

// Error is one thing that cannot be right, and where it was said. Load joins several of them.
type Error struct {
	// File, Line and Column (both from 1, the column in bytes) say where, if it was in a file. Line
	// is 0 when the file as a whole is meant.
	File         string
	Line, Column int
	// Key is "role.arn" in a file or where nothing was said, else the flag ("--role-arn") or the
	// variable ("DAYPASS_ROLE_ARN"). It may be empty.
	Key     string
	Message string
	// Hint is advice for a second line, or empty.
	Hint string
}

// Error returns "config.toml:12:3: role.arn: message" with the parts that are known.
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

// origin is where a value was said: a place in a file, or the name of a flag, variable or preset.
// The zero origin is a default.
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

// fault makes an error that points at o. A flag's or variable's own name stands for the key.
func (o origin) fault(key, format string, args ...any) *Error {
	if o.name != "" {
		key = o.name
	}
	return &Error{File: o.file, Line: o.line, Column: o.column, Key: key, Message: fmt.Sprintf(format, args...)}
}

// maxFaults bounds what one run tells: a file that is no configuration at all has thousands.
const maxFaults = 10

// join makes one error of several, or nil of none; a single one stays itself.
func join(faults []*Error) error {
	switch {
	case len(faults) == 0:
		return nil
	case len(faults) == 1:
		return faults[0]
	}
	var all []error
	for _, f := range faults[:min(len(faults), maxFaults)] {
		all = append(all, f)
	}
	return errors.Join(all...)
}
