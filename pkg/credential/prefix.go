package credential

import (
	"errors"
	"fmt"
	"strings"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// Prefix expands t to the user's own prefix in a bucket. The values of {sub}, {identity_id} and {userid} are those that AWS
// returned, unchanged, so that the prefix equals what a policy's variables expand to. It is an error if a value contains a
// slash, a backslash, wildcards, variables or control characters, or if the result does not end in "/" or has an empty, "."
// or ".." segment.
//
// A slash is refused because one person's prefix could be below another's: a policy for u/${…:sub}/* gives the subject
// "bob" everything of the subject "bob/x". Identity IDs and the user IDs of STS have none.
func (c Credential) Prefix(t identity.Template) (string, error) {
	var refused error
	prefix, err := t.Expand(func(placeholder string) (string, bool) {
		value := c.prefixValue(placeholder)
		if err := checkPrefixValue(value); err != nil && refused == nil {
			refused = fmt.Errorf("{%s} %w", placeholder, err)
		}
		return value, value != ""
	})
	switch {
	case err != nil:
	case refused != nil:
		err = refused
	default:
		if err = sanitize.CheckPrefix(prefix); err != nil {
			err = fmt.Errorf("it %w", err)
		}
	}
	if err != nil {
		return "", fmt.Errorf("expanding prefix %q: %w", t, err)
	}
	return prefix, nil
}

func (c Credential) prefixValue(placeholder string) string {
	switch placeholder {
	case "sub":
		return c.Subject
	case "identity_id":
		return c.IdentityID
	case "userid":
		return c.Principal.UserID
	}
	return ""
}

// checkPrefixValue does not quote the value in its error, because it may not be printable.
func checkPrefixValue(value string) error {
	switch {
	case !sanitize.IsClean(value):
		return errors.New("has a control character or is not UTF-8")
	case strings.ContainsAny(value, "*?"):
		return errors.New("has a * or ?, which is a wildcard in a policy")
	case strings.Contains(value, "$"):
		return errors.New("has a $, which begins a variable in a policy")
	case value == "." || value == "..":
		return errors.New("is . or .., which leads out of a prefix")
	case strings.ContainsAny(value, `/\`):
		return errors.New(`has a / or \, so another person's prefix may contain yours; use {identity_id} of an identity pool, or a prefix without placeholders`)
	}
	return nil
}
