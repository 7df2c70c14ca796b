package policy

import (
	"slices"
	"strings"
)

// Request is what a policy is evaluated for.
type Request struct {
	Principal Principal // zero for identity-based and session policies
	Action    string    // "s3:PutObject"
	Resource  string    // an ARN; empty for trust policies
	Context   Context
}

// Principal is the caller. The zero value is an anonymous caller.
type Principal struct {
	// AWS has every ARN of the caller: the assumed-role session's, the role's, the account root's.
	AWS       []string
	Federated string // "accounts.google.com", or the ARN of an IAM OIDC provider
	Service   string // "ec2.amazonaws.com"
}

// Context holds the condition keys of a request and their values. Lookups ignore case (IAM user guide,
// reference_policies_elements_condition); a key without values counts as absent.
type Context map[string][]string

// Set sets the values of a key, under its lower-case name.
func (c Context) Set(key string, values ...string) { c[strings.ToLower(key)] = values }

// Lookup returns the values of a key. It returns nil when there is no such key.
func (c Context) Lookup(key string) []string {
	if values, ok := c[strings.ToLower(key)]; ok {
		return values
	}
	var names []string
	for name := range c {
		if strings.EqualFold(name, key) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return c[slices.Min(names)] // several spellings of one key: always the same one
}
