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
		err = checkPrefix(prefix)
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
	case !sanitize.IsClean(value):
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

func checkPrefix(prefix string) error {
	path, ends := strings.CutSuffix(prefix, "/")
	switch {
	case !ends:
		return errors.New("it must end in /")
	case !sanitize.IsClean(prefix):
		return errors.New("it has a control character or is not UTF-8")
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return fmt.Errorf("it has the segment %q", segment)
		}
	}
	return nil
}
