package sandbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/go-jose/go-jose/v4/jwt"
)

// login is one verified entry of a logins map.
type login struct {
	person
	audience string         // client ID or app ID
	claims   map[string]any // only iss, aud and sub if there is no ID token
	arn      string         // of the IAM OIDC provider; empty if there is no ID token
}

// verify checks every token of the logins; a single invalid one fails the whole call. It returns the logins ordered
// by provider name.
func (c *Cognito) verify(ctx context.Context, pool Pool, tokens map[string]string) ([]login, *awsError) {
	var logins []login
	for _, provider := range slices.Sorted(maps.Keys(tokens)) {
		verified, err := c.verifyLogin(ctx, pool, provider, tokens[provider])
		if err != nil {
			return nil, err
		}
		logins = append(logins, verified)
	}
	return logins, nil
}

func (c *Cognito) verifyLogin(ctx context.Context, pool Pool, provider, token string) (login, *awsError) {
	if app, known := pool.Apps[provider]; known {
		return c.inspect(provider, app, token)
	}
	issuer, known := pool.issuerOf(provider)
	if !known {
		return login{}, unsupportedProvider()
	}
	identity, err := c.verifier.verify(ctx, token, func(iss string) bool { return iss == issuer })
	if err != nil {
		return login{}, c.tokenError(err, identity)
	}
	if !pool.trusts(identity) {
		return login{}, unsupportedProvider()
	}
	return login{
		person:   person{provider, identity.Subject},
		audience: identity.Audience,
		claims:   verifiedClaims(token),
		arn:      fmt.Sprintf("arn:aws:iam::%s:oidc-provider/%s", pool.account(), provider),
	}, nil
}

// inspect asks the provider which user the access token belongs to.
func (c *Cognito) inspect(provider, app, token string) (login, *awsError) {
	inspector, known := c.Inspectors[provider]
	if !known {
		return login{}, cognitoError("ExternalServiceException", "The identity provider does not answer.") // assumed
	}
	appID, userID, ok := inspector(token)
	switch {
	case !ok:
		return login{}, notAuthorized("Invalid login token.") // assumed
	case appID != app:
		return login{}, unsupportedProvider()
	}
	claims := map[string]any{"iss": provider, "aud": appID, "sub": userID}
	return login{person: person{provider, userID}, audience: appID, claims: claims}, nil
}

// verifiedClaims returns all claims of a token whose signature was verified before.
func verifiedClaims(token string) map[string]any {
	claims := map[string]any{}
	if parsed, err := jwt.ParseSigned(token, algorithms); err == nil {
		parsed.UnsafeClaimsWithoutVerification(&claims)
	}
	return claims
}

func persons(logins []login) []person {
	var all []person
	for _, l := range logins {
		all = append(all, l.person)
	}
	return all
}

// tokenError returns the error for a refused token, in the wording of Cognito.
func (c *Cognito) tokenError(err error, identity webIdentity) *awsError {
	var missing missingClaimError
	switch {
	case errors.Is(err, errUnreachable):
		return cognitoError("ExternalServiceException", "The identity provider does not answer.") // assumed
	case errors.Is(err, errExpired):
		return notAuthorized("Invalid login token. Token expired: %d >= %d", c.Now().Unix(), identity.Expiry.Unix())
	case errors.Is(err, errNoProvider):
		return notAuthorized("Invalid login token. Issuer doesn't match providerName")
	case errors.Is(err, errNoKey):
		return notAuthorized("Invalid login token. Couldn't verify signed token.")
	case errors.As(err, &missing):
		return notAuthorized("Invalid login token. Missing a required claim: %s", string(missing))
	}
	return notAuthorized("Invalid login token. Not a valid OpenId Connect identity token.")
}

func unsupportedProvider() *awsError {
	return notAuthorized("Token is not from a supported provider of this identity pool.")
}
