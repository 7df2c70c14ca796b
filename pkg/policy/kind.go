package policy

import (
	"errors"
	"fmt"
	"strings"
)

// ParseTrust parses a role's trust policy. Beyond what Parse checks, every statement must name its principals, and
// have no resource and only actions of STS.
func ParseTrust(text []byte) (Document, error) {
	return parseAs("trust policy", text, func(s Statement) error {
		if s.Principal == nil && s.NotPrincipal == nil {
			return errors.New("has no Principal")
		}
		if s.Resource != nil || s.NotResource != nil {
			return errors.New("has a Resource: in a trust policy the role itself is the resource")
		}
		for _, action := range append(s.Action, s.NotAction...) {
			if !strings.HasPrefix(strings.ToLower(action), "sts:") {
				return fmt.Errorf("has action %q: a trust policy may have only actions of STS", clipped(action))
			}
		}
		return nil
	})
}

// ParseIdentity parses an identity-based or session policy. Beyond what Parse checks, every statement must have a
// resource and no principal.
func ParseIdentity(text []byte) (Document, error) {
	return parseAs("permissions policy", text, func(s Statement) error {
		if s.Principal != nil || s.NotPrincipal != nil {
			return errors.New("has a Principal: a permissions policy applies to the identity it is attached to")
		}
		if s.Resource == nil && s.NotResource == nil {
			return errors.New("has neither Resource nor NotResource")
		}
		return nil
	})
}

// parseAs also checks what IAM requires of its own policies: a Sid has only letters and digits (IAM user guide,
// reference_policies_grammar).
func parseAs(kind string, text []byte, check func(Statement) error) (Document, error) {
	d, err := parse(text)
	if err != nil {
		return Document{}, fmt.Errorf("parsing %s: %w", kind, err)
	}
	for i, s := range d.Statements {
		err := check(s)
		if !isAlphanumeric(s.Sid) {
			err = errors.New("its Sid may contain only letters and digits")
		}
		if err != nil {
			return Document{}, fmt.Errorf("parsing %s: statement %s: %w", kind, ordinal(i, s.Sid), err)
		}
	}
	return d, nil
}

const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func isAlphanumeric(text string) bool { return strings.Trim(text, alphanumeric) == "" }
