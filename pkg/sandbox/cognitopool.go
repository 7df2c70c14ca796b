package sandbox

import "slices"

// Pool is an identity pool. The zero value admits nobody.
type Pool struct {
	ID      string              // REGION:UUID
	Issuers map[string][]string // the client IDs of each OIDC provider, by issuer URL
	// Apps are the app IDs of providers without ID tokens, by provider name (graph.facebook.com), like
	// SupportedLoginProviders. Each provider needs an Inspector.
	Apps map[string]string

	Guests  bool // AllowUnauthenticatedIdentities
	Classic bool // AllowClassicFlow: enables GetOpenIdToken

	AuthenticatedRole   string // role ARN for authenticated identities
	UnauthenticatedRole string // role ARN for guests; if empty, the pool has no credentials for them
	// RoleMappings choose the role of an authenticated identity by the token's claims. Keys are PROVIDER-NAME or
	// PROVIDER-NAME:CLIENT-ID. If there are any, the basic flow is off.
	RoleMappings map[string]RoleMapping
	// PrincipalTags are the attributes for access control: for each provider name, the claim that each session tag is
	// read from. The console's «default mappings» are username: sub and client: aud. The role must then allow
	// sts:TagSession.
	PrincipalTags map[string]map[string]string
}

// RoleMapping chooses a role by claims (SetIdentityPoolRoles).
type RoleMapping struct {
	Type  string     // "Token" (by the claims cognito:preferred_role and cognito:roles) or "Rules"
	Rules []RoleRule // the first that matches decides
	// AmbiguousRoleResolution applies when no claim or rule decides: "AuthenticatedRole" or "Deny".
	AmbiguousRoleResolution string
}

// RoleRule assigns a role to tokens with a certain claim.
type RoleRule struct {
	Claim     string
	MatchType string // Equals, Contains, StartsWith or NotEqual
	Value     string
	RoleARN   string
}

// trusts reports whether the pool accepts tokens of the issuer for the audience.
func (p Pool) trusts(w webIdentity) bool { return slices.Contains(p.Issuers[w.Issuer], w.Audience) }

// issuerOf returns the issuer of a provider name, which is the URL without its scheme.
func (p Pool) issuerOf(provider string) (string, bool) {
	for issuer := range p.Issuers {
		if providerName(issuer) == provider {
			return issuer, true
		}
	}
	return "", false
}

// mappingOf returns the role mapping of a login, if there is one.
func (p Pool) mappingOf(l login) (RoleMapping, bool) {
	if mapping, ok := p.RoleMappings[l.provider+":"+l.audience]; ok {
		return mapping, true
	}
	mapping, ok := p.RoleMappings[l.provider]
	return mapping, ok
}
