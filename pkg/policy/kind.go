package policy

import (
	"errors"
	"fmt"
	"strings"
)

// ParseTrust reads a role's trust policy: Parse, and every statement names its principals, has no
// resource and only actions of STS.
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
				return fmt.Errorf("has action %q: a trust policy has only STS's", clipped(action))
			}
		}
		return nil
	})
}

// ParseIdentity reads an identity-based or session policy: Parse, and every statement has a resource
// and no principal.
func ParseIdentity(text []byte) (Document, error) {
	return parseAs("permissions policy", text, func(s Statement) error {
		if s.Principal != nil || s.NotPrincipal != nil {
			return errors.New("names a principal: this policy speaks of whoever it is attached to")
		}
		if s.Resource == nil && s.NotResource == nil {
			return errors.New("has neither Resource nor NotResource")
		}
		return nil
	})
}

// parseAs adds what IAM's own policies demand: a Sid of letters and digits (IAM user guide,
// reference_policies_grammar).
func parseAs(kind string, text []byte, check func(Statement) error) (Document, error) {
	d, err := parse(text)
	if err != nil {
		return Document{}, fmt.Errorf("parsing %s: %w", kind, err)
	}
	for i, s := range d.Statements {
		err := check(s)
		if !isAlphanumeric(s.Sid) {
			err = errors.New("its Sid may have letters and digits only")
		}
		if err != nil {
			return Document{}, fmt.Errorf("parsing %s: statement %s: %w", kind, ordinal(i, s.Sid), err)
		}
	}
	return d, nil
}

const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func isAlphanumeric(text string) bool { return strings.Trim(text, alphanumeric) == "" }
