package policy

import (
	"fmt"
	"slices"
	"strings"
)

// principalMismatch says why the statement does not speak of the caller, or nil. A statement without
// Principal speaks of whoever its policy is attached to.
func (s Statement) principalMismatch(caller Principal) error {
	switch {
	case s.Principal != nil && !s.Principal.include(caller):
		return fmt.Errorf("principal %s is not in Principal %s", caller, s.Principal)
	case s.NotPrincipal != nil && s.excepts(caller):
		return fmt.Errorf("principal %s is in NotPrincipal %s", caller, s.NotPrincipal)
	}
	return nil
}

// excepts reports whether NotPrincipal takes the caller out. From an Allow one name is enough. From a
// Deny every name must be listed, the session's, the role's and the account's, as AWS advises to write
// (IAM user guide, reference_policies_elements_notprincipal); that AWS insists is assumed.
func (s Statement) excepts(caller Principal) bool {
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

// include reports whether the caller is named. "*" is everyone: federated and anonymous callers too
// (assumed for trust policies). An account stands for every principal in it.
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

// rootOf returns the account that the entry stands for, given by its 12 digits or as
// arn:…:iam::ACCOUNT:root, or "".
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
