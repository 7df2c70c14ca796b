package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/daypass/daypass/pkg/profile"
)

// flagError rewords pflag's errors.
func flagError(cmd *cobra.Command, err error) error {
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return unknownFlag(cmd, e)
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return usagef("--%s needs a value", e.GetFlag().Name)
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return badValue(e)
	}
	if e, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		return usagef("bad flag syntax: %q", e.GetSpecifiedFlag())
	}
	return usageError{err}
}

// unknownFlag suggests the most similar flag, and -- for file names that look like flags.
func unknownFlag(cmd *cobra.Command, e *pflag.NotExistError) error {
	text := "there is no flag -" + e.GetSpecifiedName()
	if e.GetSpecifiedShortnames() == "" {
		text = "there is no flag --" + e.GetSpecifiedName()
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		if nearest := profile.Nearest(e.GetSpecifiedName(), known); nearest != "" {
			text += "; did you mean --" + nearest + "?"
		}
	}
	if cmd.Name() == "exec" {
		text += "; put the command's own flags after the command"
	}
	if cmd.Name() == "upload" {
		text += "; put -- before a file name that begins with -"
	}
	return usagef("%s", text)
}

func badValue(e *pflag.InvalidValueError) error {
	name, value := "--"+e.GetFlag().Name, e.GetValue()
	if twice, ok := errors.AsType[*givenTwice](e); ok {
		return usagef("%s is %w", name, twice)
	}
	switch e.GetFlag().Value.Type() {
	case "duration":
		_, err := time.ParseDuration(value + "s")
		if err == nil && !strings.ContainsAny(value, "hmsnuµ") {
			return usagef("%s: %q has no unit: write 5s or 2m", name, value)
		}
		return usagef("%s: %q is not a duration such as 5s or 2m", name, value)
	case "bool":
		return usagef("%s: %q is neither true nor false", name, value)
	case "int":
		if errors.Is(e, strconv.ErrRange) {
			return usagef("%s: %s is too large or too small", name, value)
		}
		return usagef("%s: %q is not a whole number", name, value)
	}
	return usagef("%s does not take %q", name, value)
}

// givenTwice refuses a second value of a flag that is not a list.
type givenTwice struct{ first, second string }

func (e *givenTwice) Error() string { return fmt.Sprintf("given twice: %q and %q", e.first, e.second) }
