package sandbox

import (
	"slices"
	"strings"

	"github.com/daypass/daypass/pkg/policy"
)

// A rehearsal evaluates policies as they will be deployed. They name an identity provider that is not here, so the
// sandbox's takes its place: every mention of the one is replaced by the other. The client ID and the bucket get the
// names that the policies use.

// rehearseTrust uses the role's trust policy.
func (a *account) rehearseTrust(text []byte, issuer string) error {
	trust, err := policy.ParseTrust(text)
	if err != nil {
		return &OptionError{"trust-policy", err}
	}
	provider := providerIn(trust)
	if audiences := audiencesIn(trust, provider); len(audiences) > 0 {
		a.audiences = audiences
	}
	a.role.Trust = substitution{provider, providerName(issuer), federatedPrincipal(a.role.ARN, issuer)}.document(trust)
	return nil
}

// rehearsePermissions uses the role's permissions. Without a trust policy, the provider is the one whose claims they
// use.
func (a *account) rehearsePermissions(o Options, issuer string) error {
	permissions, err := policy.ParseIdentity(o.Permissions)
	if err != nil {
		return &OptionError{"permissions", err}
	}
	provider := claimedIn(permissions)
	if trust, err := policy.ParseTrust(o.TrustPolicy); err == nil {
		provider = providerIn(trust)
	}
	if bucket, prefix, ok := uploadsIn(permissions, provider); ok {
		a.bucket, a.prefix = bucket, prefix
	}
	a.role.Permissions = []policy.Document{substitution{from: provider, to: providerName(issuer)}.document(permissions)}
	return nil
}

// providerIn returns the first identity provider that a trust policy names, without a scheme; "" if there is none.
// Identity pools do not count: the sandbox has one.
func providerIn(trust policy.Document) string {
	for _, s := range trust.Statements {
		if s.Principal == nil {
			continue
		}
		for _, federated := range s.Principal.Federated {
			_, name, isARN := strings.Cut(federated, ":oidc-provider/")
			switch {
			case isARN:
				return name
			case federated != providerName(cognitoIssuer) && !strings.HasPrefix(federated, "arn:"):
				return federated
			}
		}
	}
	return ""
}

// audiencesIn returns the client IDs that a trust policy accepts for the provider.
func audiencesIn(trust policy.Document, provider string) []string {
	var all []string
	for _, s := range trust.Statements {
		for _, c := range s.Conditions {
			if s.Effect == policy.Allow && strings.EqualFold(c.Key, provider+":aud") && !strings.Contains(c.Operator, "Not") {
				all = append(all, slices.DeleteFunc(slices.Clone(c.Values), hasPattern)...)
			}
		}
	}
	return all
}

func hasPattern(value string) bool { return strings.ContainsAny(value, "*?$") }

// claimedIn returns the provider of the first ${PROVIDER:sub} in the resources.
func claimedIn(permissions policy.Document) string {
	for _, s := range permissions.Statements {
		for _, resource := range s.Resource {
			if _, rest, ok := strings.Cut(resource, "${"); ok {
				if provider, _, ok := strings.Cut(rest, ":sub}"); ok && provider != providerName(cognitoIssuer) && !strings.Contains(provider, "}") {
					return provider
				}
			}
		}
	}
	return ""
}

// uploadsIn returns the bucket and the prefix of the first statement that allows uploads. The prefix is spelled as in
// a daypass profile; ok is false if a profile cannot express it.
func uploadsIn(permissions policy.Document, provider string) (bucket, prefix string, ok bool) {
	for _, s := range permissions.Statements {
		if s.Effect != policy.Allow || !slices.ContainsFunc(s.Action, uploads) {
			continue
		}
		for _, resource := range s.Resource {
			_, object, isS3 := strings.Cut(resource, ":s3:::")
			bucket, prefix, _ := strings.Cut(object, "/")
			prefix = strings.NewReplacer("${"+provider+":sub}", "{sub}", "${aws:userid}", "{userid}").Replace(strings.TrimSuffix(prefix, "*"))
			if isS3 && bucket != "" && !hasPattern(bucket+prefix) && strings.HasSuffix(prefix, "/") {
				return bucket, prefix, true
			}
		}
	}
	return "", "", false
}

func uploads(action string) bool {
	return strings.EqualFold(action, "s3:PutObject") || strings.EqualFold(action, "s3:Put*") || action == "s3:*" || action == "*"
}

// substitution replaces a provider by another.
type substitution struct{ from, to, principal string }

func (c substitution) document(d policy.Document) policy.Document {
	if c.from == "" {
		return d
	}
	d.Statements = slices.Clone(d.Statements)
	for i, s := range d.Statements {
		s.Principal, s.NotPrincipal = c.principals(s.Principal), c.principals(s.NotPrincipal)
		s.Resource, s.NotResource = c.texts(s.Resource), c.texts(s.NotResource)
		s.Conditions = slices.Clone(s.Conditions)
		for j, condition := range s.Conditions {
			if name, claim, ok := cutLast(condition.Key, ":"); ok && strings.EqualFold(name, c.from) {
				s.Conditions[j].Key = c.to + ":" + claim
			}
			s.Conditions[j].Values = c.texts(condition.Values)
		}
		d.Statements[i] = s
	}
	return d
}

// principals replaces the provider in principals, whatever its ARN.
func (c substitution) principals(p *policy.Principals) *policy.Principals {
	if p == nil {
		return nil
	}
	played := *p
	played.Federated = slices.Clone(p.Federated)
	for i, federated := range p.Federated {
		if federated == c.from || strings.HasSuffix(federated, ":oidc-provider/"+c.from) {
			played.Federated[i] = c.principal
		}
	}
	return &played
}

// texts replaces the provider in policy variables.
func (c substitution) texts(values []string) []string {
	if values == nil {
		return nil
	}
	played := make([]string, len(values))
	for i, value := range values {
		played[i] = strings.ReplaceAll(value, "${"+c.from+":", "${"+c.to+":")
	}
	return played
}

// cutLast cuts at the last separator.
func cutLast(text, separator string) (before, after string, ok bool) {
	if i := strings.LastIndex(text, separator); i >= 0 {
		return text[:i], text[i+len(separator):], true
	}
	return text, "", false
}
