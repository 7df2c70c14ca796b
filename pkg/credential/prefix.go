package credential

import (
	"errors"
	"fmt"
	"strings"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// Prefix expands t to the user's own prefix in a bucket: {sub}, {identity_id} and {userid}, as AWS
// answered them and never altered, so that the prefix is what the policy variable of the same meaning
// expands to. A value that a policy or a path could read as more than text is refused, and so is a
// result that does not end in "/" or has an empty, "." or ".." segment.
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

// checkPrefixValue never quotes the value: it is what it complains of.
func checkPrefixValue(value string) error {
	switch {
	case !sanitize.Is(value):
		return errors.New("has a control character or is not UTF-8")
	case strings.ContainsAny(value, "*?"):
		return errors.New("has a * or ?, which a policy may read as a wildcard")
	case strings.Contains(value, "$"):
		return errors.New("has a $, which a policy may read as a variable")
	case value == "." || value == "..":
		return errors.New("is . or .., which leads out of a prefix")
	}
	return nil
}
