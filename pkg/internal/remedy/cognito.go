package remedy

// ofCognito has the answers of GetId and GetCredentialsForIdentity.
var ofCognito = []answer{
	{"NotAuthorizedException", "Token expired", tokenExpired},
	{"NotAuthorizedException", "Missing a required claim", noIDToken},
	{"NotAuthorizedException", "Logins don't match", advice{"the identity that was kept belongs to another login or pool",
		"", signInAnew, ExitRefused}},
	{"NotAuthorizedException", "not from a supported provider", advice{"the pool does not list this issuer with this audience",
		"the pool's identity providers with {host} and {client}", "", ExitRefused}},
	{"NotAuthorizedException", "Unauthenticated access", advice{"the pool takes no guests, and saw no login",
		"the pool's identity providers with {host}", "", ExitRefused}},
	{"NotAuthorizedException", "Access to Identity", advice{"the identity is disabled, or somebody else's",
		"", signInAnew, ExitRefused}},
	{"NotAuthorizedException", "not valid yet", tooEarly},
	{"NotAuthorizedException", "Invalid login token", unverifiedToken},
	{"NotAuthorizedException", "", advice{"signed out or deleted at the identity provider, or not trusted by the pool",
		"", signInAnew, ExitRefused}},

	{"InvalidIdentityPoolConfigurationException", "", advice{"the pool has no role for this user, or the role does not trust it",
		"in its trust policy: cognito-identity.amazonaws.com:aud = {pool}, :amr = authenticated", "", ExitRefused}},
	{"ResourceConflictException", "", advice{"the login is linked to another identity, or is just being changed",
		"the identities of {pool}", "", ExitRefused}},
	{"ExternalServiceException", "", advice{"the identity provider does not answer the pool", "", againInAMinute, ExitFailed}},
	{"ResourceNotFoundException", "", advice{"there is no such pool in {region}",
		"identity_pool.id in the profile", "", ExitRefused}},
	{"InvalidParameterException", "flow is not enabled", advice{"the pool does not allow the basic (classic) flow",
		"the pool's authentication flow", "", ExitRefused}},
	{"InvalidParameterException", "", advice{"the pool's ID or the login is not as Cognito wants it",
		"identity_pool.id in the profile", "", ExitRefused}},
}

var unverifiedToken = advice{"the pool cannot verify the token",
	"the pool's identity providers with {host} and {client}", "", ExitRefused}
