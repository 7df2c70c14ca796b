package remedy

const (
	wellKnown = "/.well-known/openid-configuration"
	discovery = "{issuer}" + wellKnown
)

// ofSTS has the answers of AssumeRoleWithWebIdentity, of AWS and (InvalidParameterValue) of MinIO.
var ofSTS = []answer{
	{"ExpiredTokenException ExpiredToken", "", tokenExpired},
	{"IDPCommunicationError", "", advice{"AWS cannot reach the identity provider, which must be open to the internet",
		discovery + ", seen from outside", "", ExitFailed}},
	{"IDPRejectedClaim", "", advice{"the identity provider no longer stands by this sign-in", "", signInAnew, ExitRefused}},

	{"InvalidIdentityToken", "No OpenIDConnect provider found", advice{"the role's account has no IAM identity provider for this issuer",
		"the providers' URLs in the role's account with iss, letter by letter", "", ExitRefused}},
	{"InvalidIdentityToken", "audience contains more than one", advice{"the token has several audiences and no azp",
		"at the identity provider: one audience for this client, or an azp", "", ExitRefused}},
	{"InvalidIdentityToken", "audience", advice{"the IAM identity provider does not list this audience",
		"the provider's audiences with {client}", "", ExitRefused}},
	{"InvalidIdentityToken", "verification key", advice{"AWS cannot fetch the identity provider's keys: both URLs must be public https",
		discovery + " and its jwks_uri, seen from outside", "", ExitRefused}},
	{"InvalidIdentityToken", "thumbprint", advice{"the IAM identity provider has the thumbprint of another certificate",
		"the provider's thumbprints with the certificates of {host}", "", ExitRefused}},
	{"InvalidIdentityToken", "Missing a required claim", advice{"this is no whole ID token: AWS needs iss, sub, aud, iat and exp",
		"the claims that the identity provider gives this client; openid among the scopes", "", ExitRefused}},
	{"InvalidIdentityToken", "not a valid JWT", noIDToken},
	{"InvalidIdentityToken", "not valid yet", tooEarly},
	{"InvalidIdentityToken", "", unfitToken},

	{"AccessDenied AccessDeniedException", "explicit deny", advice{"a policy above the role, or its trust policy, denies it outright",
		"service and resource control policies with the role's account", "", ExitRefused}},
	{"AccessDenied AccessDeniedException", "sts:TagSession", advice{"the token has session tags and the trust policy lacks sts:TagSession",
		"the actions that the role's trust policy allows", "", ExitRefused}},
	{"AccessDenied AccessDeniedException", "sts:SetSourceIdentity", advice{"the token has a source identity; trust lacks sts:SetSourceIdentity",
		"the actions that the role's trust policy allows", "", ExitRefused}},
	{"AccessDenied AccessDeniedException", "", advice{"the role's trust policy does not fit this token, or there is no role",
		trustOfRole, "", ExitRefused}},

	{"MalformedPolicyDocument MalformedPolicyDocumentException", "", advice{"IAM cannot read the session policy",
		"the policy under role in the profile", "", ExitRefused}},
	{"PackedPolicyTooLarge PackedPolicyTooLargeException", "", advice{"session policies and session tags are too large together",
		"the policies under role in the profile; the token's tags", "", ExitRefused}},
	{"RegionDisabledException", "", advice{"STS is not activated in {region} for the role's account",
		"another region in the profile", "", ExitRefused}},

	{"ValidationError", "MaxSessionDuration", advice{"the role does not allow sessions of {duration}",
		"the role's maximum session duration with role.duration", "", ExitRefused}},
	{"ValidationError", "durationSeconds", advice{"a session lasts from 15 minutes to 12 hours",
		"role.duration in the profile", "", ExitRefused}},
	{"ValidationError", "roleSessionName", advice{"AWS does not take the session name {session}",
		"role.session_name in the profile", "", ExitRefused}},
	{"ValidationError", "roleArn", advice{"the role's ARN is not one", "role.arn in the profile", "", ExitRefused}},
	{"ValidationError", "webIdentityToken", advice{"the ID token is too long: AWS takes 20,000 characters",
		"at the identity provider: leave groups out of the token", "", ExitRefused}},
	{"ValidationError", "policy", advice{"the session policies are over 2,048 characters, or more than 10",
		"the policies under role in the profile", "", ExitRefused}},
	{"ValidationError", "", advice{"something in the profile is not as AWS wants it",
		"the role in the profile", "", ExitRefused}},

	{"InvalidParameterValue", "Token is expired", tokenExpired},
	{"InvalidParameterValue", "before issued", tooEarly},
	{"InvalidParameterValue", "not valid yet", tooEarly},
	{"InvalidParameterValue", "aud", advice{"the server was set up for another client ID",
		"the server's client with {client}", "", ExitRefused}},
	{"InvalidParameterValue", "polic", advice{"the server has no policy for this token",
		"the token's policy claim with the server's policies", "", ExitRefused}},
	{"InvalidParameterValue", "", refusedByMinIO},
}

const (
	signInAnew  = "daypass logout{flags}, then daypass login{flags}"
	trustOfRole = "in the trust policy: {host}:aud = {aud}, {host}:sub = {sub}"
)

var (
	tokenExpired = advice{"the ID token has expired, or a clock is wrong", "the clock here", "daypass login{flags}", ExitRefused}
	tooEarly     = advice{"the token is not valid yet by AWS's clock", "the clocks here, of the identity provider and of AWS", "", ExitRefused}
	unfitToken   = advice{"the token does not fit the IAM identity provider or the role's trust",
		trustOfRole, "", ExitRefused}
	refusedByMinIO = advice{"the server does not take this token, or does not know the role",
		"the server's OpenID issuer and client ID with iss and aud; its role ARN", "", ExitRefused}
	noIDToken = advice{"this is no ID token: was an access token sent?",
		"openid among the scopes in the profile", "", ExitRefused}
)
