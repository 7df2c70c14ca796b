package policy

import (
	"fmt"
	"slices"
	"strings"
)

// principalMismatch says why the statement does not apply to the caller. It returns nil when it applies. A statement
// without Principal applies to the identity that its policy is attached to.
func (s Statement) principalMismatch(caller Principal) error {
	switch {
	case s.Principal != nil && !s.Principal.include(caller):
		return fmt.Errorf("principal %s is not in Principal %s", caller, s.Principal)
	case s.NotPrincipal != nil && s.excludes(caller):
		return fmt.Errorf("principal %s is in NotPrincipal %s", caller, s.NotPrincipal)
	}
	return nil
}

// excludes reports whether NotPrincipal excludes the caller. For an Allow, one of the caller's names is enough. For a
// Deny, every name must be listed: the session's, the role's and the account's, as AWS advises (IAM user guide,
// reference_policies_elements_notprincipal); that AWS requires it is assumed.
func (s Statement) excludes(caller Principal) bool {
	if s.Effect != Deny || len(caller.AWS) == 0 || s.NotPrincipal.Everyone {
		return s.NotPrincipal.include(caller)
	}
	for _, arn := range caller.AWS {
		listed := func(entry string) bool { return entry == arn || rootOf(entry) != "" && rootOf(entry) == rootOf(arn) }
		if !slices.ContainsFunc(s.NotPrincipal.AWS, listed) {
			return false
		}
	}
	return true
}

// include reports whether the caller is named. "*" includes federated and anonymous callers (assumed for trust
// policies). An account includes every principal in it.
func (p Principals) include(caller Principal) bool {
	if p.Everyone {
		return true
	}
	for _, entry := range p.AWS {
		account := rootOf(entry)
		for _, arn := range caller.AWS {
			if entry == arn || account != "" && account == accountOf(arn) {
				return true
			}
		}
	}
	return caller.Federated != "" && slices.Contains(p.Federated, caller.Federated) ||
		caller.Service != "" && slices.Contains(p.Service, caller.Service)
}

// rootOf returns the account that the entry names, given as 12 digits or as arn:…:iam::ACCOUNT:root. It returns ""
// for other entries.
func rootOf(entry string) string {
	if isAccount(entry) {
		return entry
	}
	if f := strings.SplitN(entry, ":", arnFields); len(f) == arnFields && f[2] == "iam" && f[5] == "root" {
		return f[4]
	}
	return ""
}

func accountOf(arn string) string {
	if f := strings.SplitN(arn, ":", arnFields); len(f) == arnFields {
		return f[4]
	}
	return ""
}

func isAccount(text string) bool { return len(text) == 12 && isDigits(text) }
