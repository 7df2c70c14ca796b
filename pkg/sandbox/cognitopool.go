package sandbox

import "slices"

// Pool is an identity pool. The zero value lets nobody in.
type Pool struct {
	ID      string              // REGION:UUID
	Issuers map[string][]string // the client IDs of each OIDC provider, by issuer URL
	// Apps are the app IDs of providers without ID tokens, by provider name (graph.facebook.com), as
	// SupportedLoginProviders has them. Each needs an Inspector.
	Apps map[string]string

	Guests  bool // AllowUnauthenticatedIdentities
	Classic bool // AllowClassicFlow: GetOpenIdToken answers

	AuthenticatedRole   string // the ARN of the role of who is signed in
	UnauthenticatedRole string // and of guests; with none the pool has no credentials for them
	// RoleMappings choose the role of who is signed in by the claims of the token, by provider name or
	// PROVIDER-NAME:CLIENT-ID. With any, the basic flow is off.
	RoleMappings map[string]RoleMapping
	// PrincipalTags are the attributes for access control: for each provider name the claim behind each
	// session tag; the console's «default mappings» are username: sub and client: aud. The role must then
	// allow sts:TagSession.
	PrincipalTags map[string]map[string]string
}

// RoleMapping chooses a role by claims (SetIdentityPoolRoles).
type RoleMapping struct {
	Type  string     // "Token": the claims cognito:preferred_role and cognito:roles say it; or "Rules"
	Rules []RoleRule // the first that matches decides
	// AmbiguousRoleResolution is what happens when nothing decides: "AuthenticatedRole" or "Deny".
	AmbiguousRoleResolution string
}

// RoleRule gives a role to those whose token has a claim.
type RoleRule struct {
	Claim     string
	MatchType string // Equals, Contains, StartsWith or NotEqual
	Value     string
	RoleARN   string
}

// trusts reports whether the pool takes tokens of the issuer for the audience.
func (p Pool) trusts(w webIdentity) bool { return slices.Contains(p.Issuers[w.Issuer], w.Audience) }

// issuerOf finds the issuer by its provider name, which is the URL without its scheme.
func (p Pool) issuerOf(provider string) (string, bool) {
	for issuer := range p.Issuers {
		if providerName(issuer) == provider {
			return issuer, true
		}
	}
	return "", false
}

// mappingOf is the role mapping of a login, if there is one.
func (p Pool) mappingOf(l login) (RoleMapping, bool) {
	if mapping, ok := p.RoleMappings[l.provider+":"+l.audience]; ok {
		return mapping, true
	}
	mapping, ok := p.RoleMappings[l.provider]
	return mapping, ok
}
