package policy

import (
	"slices"
	"strings"
)

// Request is what a policy is asked about.
type Request struct {
	Principal Principal // zero when asking identity-based and session policies
	Action    string    // "s3:PutObject"
	Resource  string    // an ARN; empty when asking trust policies
	Context   Context
}

// Principal is who asks. The zero value is an anonymous caller.
type Principal struct {
	// AWS has every ARN the caller goes by: the assumed-role session's, the role's, the account
	// root's.
	AWS       []string
	Federated string // "accounts.google.com", or the ARN of an IAM OIDC provider
	Service   string // "ec2.amazonaws.com"
}

// Context holds the condition keys of a request and their values. Names are looked up ignoring case
// (IAM user guide, reference_policies_elements_condition); a key without values counts as absent.
type Context map[string][]string

// Set gives the key these values, under its lower-case name.
func (c Context) Set(key string, values ...string) { c[strings.ToLower(key)] = values }

// Lookup returns the key's values, or nil.
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
	return c[slices.Min(names)] // two spellings of one key: the same one each time
}
