package remedy

// cognitoRules are for the errors of GetId and GetCredentialsForIdentity.
var cognitoRules = []rule{
	{"NotAuthorizedException", "Token expired", tokenExpired},
	{"NotAuthorizedException", "Missing a required claim", noIDToken},
	{"NotAuthorizedException", "Logins don't match", advice{
		likely: "the cached identity ID belongs to another login or pool",
		try:    signInAgain,
		exit:   ExitRefused,
	}},
	{"NotAuthorizedException", "not from a supported provider", advice{
		likely:  "the pool does not list this issuer with this audience",
		compare: "the pool's identity providers with {host} and {client}",
		exit:    ExitRefused,
	}},
	{"NotAuthorizedException", "Unauthenticated access", advice{
		likely:  "the pool does not allow guests, and no login was sent",
		compare: "the pool's identity providers with {host}",
		exit:    ExitRefused,
	}},
	{"NotAuthorizedException", "Access to Identity", advice{likely: "the identity is disabled, or belongs to another user", try: signInAgain, exit: ExitRefused}},
	{"NotAuthorizedException", "not valid yet", tooEarly},
	{"NotAuthorizedException", "Invalid login token", unverifiedToken},
	{"NotAuthorizedException", "", advice{
		likely: "signed out or deleted at the identity provider, or not trusted by the pool",
		try:    signInAgain,
		exit:   ExitRefused,
	}},

	{"InvalidIdentityPoolConfigurationException", "", advice{
		likely:  "the pool has no role for this user, or the role does not trust it",
		compare: "in its trust policy: cognito-identity.amazonaws.com:aud = {pool}, :amr = authenticated",
		exit:    ExitRefused,
	}},
	{"ResourceConflictException", "", advice{
		likely:  "the login is linked to another identity, or is being changed",
		compare: "the identities of {pool}",
		exit:    ExitRefused,
	}},
	{"ExternalServiceException", "", advice{likely: "the identity provider does not respond to the pool", try: againInAMinute, exit: ExitFailed}},
	{"ResourceNotFoundException", "", advice{
		likely:  "the pool does not exist in {region}",
		compare: "identity_pool.id in the profile",
		exit:    ExitRefused,
	}},
	{"InvalidParameterException", "flow is not enabled", advice{
		likely:  "the pool does not allow the basic (classic) flow",
		compare: "the pool's authentication flow",
		exit:    ExitRefused,
	}},
	{"InvalidParameterException", "", advice{
		likely:  "the pool's ID or the login is not valid",
		compare: "identity_pool.id in the profile",
		exit:    ExitRefused,
	}},
}

var unverifiedToken = advice{
	likely:  "the pool cannot verify the token",
	compare: "the pool's identity providers with {host} and {client}",
	exit:    ExitRefused,
}
