package remedy

const (
	wellKnown = "/.well-known/openid-configuration"
	discovery = "{issuer}" + wellKnown
)

// stsRules are for the errors of AssumeRoleWithWebIdentity, from AWS and, with InvalidParameterValue, from MinIO.
var stsRules = []rule{
	{"ExpiredTokenException ExpiredToken", "", tokenExpired},
	{"IDPCommunicationError", "", advice{
		likely:  "AWS cannot reach the identity provider, which must be open to the internet",
		compare: discovery + ", from outside your network",
		exit:    ExitFailed,
	}},
	{"IDPRejectedClaim", "", advice{likely: "the identity provider rejects the token: the sign-in may have been revoked", try: signInAgain, exit: ExitRefused}},

	{"InvalidIdentityToken", "No OpenIDConnect provider found", advice{
		likely:  "the role's account has no IAM identity provider for this issuer",
		compare: "the providers' URLs in the role's account with iss, character by character",
		exit:    ExitRefused,
	}},
	{"InvalidIdentityToken", "audience contains more than one", advice{
		likely:  "the token has several audiences and no azp",
		compare: "at the identity provider: one audience for this client, or an azp",
		exit:    ExitRefused,
	}},
	{"InvalidIdentityToken", "audience", advice{
		likely:  "the IAM identity provider does not list this audience",
		compare: "the provider's audiences with {client}",
		exit:    ExitRefused,
	}},
	{"InvalidIdentityToken", "verification key", advice{
		likely:  "AWS cannot fetch the identity provider's keys: both URLs must be public https",
		compare: discovery + " and its jwks_uri, from outside your network",
		exit:    ExitRefused,
	}},
	{"InvalidIdentityToken", "thumbprint", advice{
		likely:  "the IAM identity provider has the thumbprint of another certificate",
		compare: "the provider's thumbprints with the certificates of {host}",
		exit:    ExitRefused,
	}},
	{"InvalidIdentityToken", "Missing a required claim", advice{
		likely:  "the ID token is incomplete: AWS needs iss, sub, aud, iat and exp",
		compare: "the claims that the identity provider issues to this client; openid in login.scopes",
		exit:    ExitRefused,
	}},
	{"InvalidIdentityToken", "not a valid JWT", noIDToken},
	{"InvalidIdentityToken", "not valid yet", tooEarly},
	{"InvalidIdentityToken", "", tokenMismatch},

	{"AccessDenied AccessDeniedException", "explicit deny", advice{
		likely:  "an explicit deny in the role's trust policy, or in a policy of the organization",
		compare: "service and resource control policies with the role's account",
		exit:    ExitRefused,
	}},
	{"AccessDenied AccessDeniedException", "sts:TagSession", advice{
		likely:  "the token has session tags; the trust policy lacks sts:TagSession",
		compare: "the actions that the role's trust policy allows",
		exit:    ExitRefused,
	}},
	{"AccessDenied AccessDeniedException", "sts:SetSourceIdentity", advice{
		likely:  "the token has a source identity; the trust policy lacks sts:SetSourceIdentity",
		compare: "the actions that the role's trust policy allows",
		exit:    ExitRefused,
	}},
	{"AccessDenied AccessDeniedException", "", advice{
		likely:  "the role's trust policy does not match this token, or the role does not exist",
		compare: trustOfRole,
		exit:    ExitRefused,
	}},

	{"MalformedPolicyDocument MalformedPolicyDocumentException", "", advice{
		likely:  "IAM cannot read the session policy",
		compare: "the policy under role in the profile",
		exit:    ExitRefused,
	}},
	{"PackedPolicyTooLarge PackedPolicyTooLargeException", "", advice{
		likely:  "the session policies and session tags together are too large",
		compare: "the policies under role in the profile; the token's tags",
		exit:    ExitRefused,
	}},
	{"RegionDisabledException", "", advice{
		likely:  "STS is not activated in {region} for the role's account",
		compare: "another region in the profile",
		exit:    ExitRefused,
	}},

	{"ValidationError", "MaxSessionDuration", advice{
		likely:  "the role does not allow sessions of {duration}",
		compare: "the role's maximum session duration with role.duration",
		exit:    ExitRefused,
	}},
	{"ValidationError", "durationSeconds", advice{
		likely:  "a session lasts from 15 minutes to 12 hours",
		compare: "role.duration in the profile",
		exit:    ExitRefused,
	}},
	{"ValidationError", "roleSessionName", advice{
		likely:  "AWS does not accept the session name {session}",
		compare: "role.session_name in the profile",
		exit:    ExitRefused,
	}},
	{"ValidationError", "roleArn", advice{likely: "the role's ARN is not valid", compare: "role.arn in the profile", exit: ExitRefused}},
	{"ValidationError", "webIdentityToken", advice{
		likely:  "the ID token is too long: AWS accepts up to 20,000 characters",
		compare: "at the identity provider: leave groups out of the token",
		exit:    ExitRefused,
	}},
	{"ValidationError", "policy", advice{
		likely:  "the session policies are over 2,048 characters, or more than 10",
		compare: "the policies under role in the profile",
		exit:    ExitRefused,
	}},
	{"ValidationError", "", advice{
		likely:  "a setting in the profile is not valid for AWS",
		compare: "the role in the profile",
		exit:    ExitRefused,
	}},

	{"InvalidParameterValue", "Token is expired", tokenExpired},
	{"InvalidParameterValue", "before issued", tooEarly},
	{"InvalidParameterValue", "not valid yet", tooEarly},
	{"InvalidParameterValue", "aud", advice{
		likely:  "the server is configured for another client ID",
		compare: "the server's client with {client}",
		exit:    ExitRefused,
	}},
	{"InvalidParameterValue", "polic", advice{
		likely:  "the server has no policy for this token",
		compare: "the token's policy claim with the server's policies",
		exit:    ExitRefused,
	}},
	{"InvalidParameterValue", "", refusedByMinIO},
}

const (
	signInAgain = "daypass logout{flags}, then daypass login{flags}"
	trustOfRole = "in the trust policy: {host}:aud = {aud}, {host}:sub = {sub}"
)

var (
	tokenExpired = advice{
		likely:  "the ID token has expired, or a clock is wrong",
		compare: "the local clock with the correct time",
		try:     "daypass login{flags}",
		exit:    ExitRefused,
	}
	tooEarly = advice{
		likely:  "the token is not valid yet by AWS's clock",
		compare: "the local clock with those of the identity provider and AWS",
		exit:    ExitRefused,
	}
	tokenMismatch = advice{
		likely:  "the token does not match the IAM identity provider or the role's trust policy",
		compare: trustOfRole,
		exit:    ExitRefused,
	}
	refusedByMinIO = advice{
		likely:  "the server does not accept this token, or does not know the role",
		compare: "the server's OpenID issuer and client ID with iss and aud; its role ARN",
		exit:    ExitRefused,
	}
	noIDToken = advice{
		likely:  "this is not an ID token; it may be an access token",
		compare: "openid in login.scopes",
		exit:    ExitRefused,
	}
)
