package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// awsUserAgent marks requests of the sandbox's AWS to the IdP, which are counted separately.
const awsUserAgent = "daypass-sandbox-aws"

// clockLeeway is how far exp, iat and nbf may be off at STS: five minutes, as emulators have recorded; AWS documents
// no figure. A token that expired four minutes ago is still accepted. (Cognito's message says NOW >= EXP: it has no
// leeway for exp.)
const clockLeeway = 5 * time.Minute

// algorithms are those that STS accepts (AssumeRoleWithWebIdentity, WebIdentityToken): neither PS* nor EdDSA.
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512}

// The reasons for refusing a token. STS and Cognito have their own wording for each.
var (
	errNotJWT      = errors.New("not a JWT")
	errNoProvider  = errors.New("the issuer is not trusted")
	errNoKey       = errors.New("no published key matches")
	errUnreachable = errors.New("the issuer did not respond")
	errExpired     = errors.New("the token expired")
	errNotYet      = errors.New("the token is not valid yet")
	errAudiences   = errors.New("several audiences and no azp")
)

// missingClaimError names a required claim that is missing.
type missingClaimError string

func (e missingClaimError) Error() string { return "the claim " + string(e) + " is missing" }

// claimsJSON are the claims that AWS checks.
type claimsJSON struct {
	jwt.Claims
	AuthorizedParty string       `json:"azp"`
	Methods         jwt.Audience `json:"amr"` // a text, or a list of them, as aud is
	Email           optionalText `json:"email"`
}

// optionalText is "" if the claim is not a string.
type optionalText string

func (t *optionalText) UnmarshalJSON(b []byte) error {
	_ = json.Unmarshal(b, (*string)(t)) // a value of another type counts as absent
	return nil
}

// tokenVerifier verifies ID tokens as AWS does. It fetches the keys from the issuer each time.
type tokenVerifier struct {
	client http.Client
	now    func() time.Time
	leeway time.Duration // how long after its exp a token is still accepted
}

// verify verifies a token of one of the trusted issuers.
func (v *tokenVerifier) verify(ctx context.Context, token string, trusted func(issuer string) bool) (webIdentity, error) {
	var claims claimsJSON
	var all map[string]json.RawMessage
	parsed, err := jwt.ParseSigned(token, algorithms)
	if err != nil {
		return webIdentity{}, notJWT(token)
	}
	if err := parsed.UnsafeClaimsWithoutVerification(&claims, &all); err != nil {
		return webIdentity{}, errNotJWT
	}
	if !trusted(claims.Issuer) {
		return webIdentity{Issuer: claims.Issuer}, errNoProvider
	}
	keys, err := v.keys(ctx, claims.Issuer)
	if err != nil {
		return webIdentity{}, err
	}
	if err := verifySignature(parsed, keys); err != nil {
		return webIdentity{}, err
	}
	identity, err := claims.check(v.now(), v.leeway)
	if err == nil {
		identity.aws, err = awsClaimsOf(all)
	}
	return identity, err
}

// claimedIssuer returns the iss of an unverified token, or "" if it is not a JWT.
func claimedIssuer(token string) string {
	parsed, err := jwt.ParseSigned(token, algorithms)
	var claims jwt.Claims
	if err != nil || parsed.UnsafeClaimsWithoutVerification(&claims) != nil {
		return ""
	}
	return claims.Issuer
}

// notJWT tells an algorithm that AWS does not support from a string that is not a JWT.
func notJWT(token string) error {
	every := append(slices.Clone(algorithms), jose.PS256, jose.PS384, jose.PS512, jose.EdDSA, jose.HS256)
	if _, err := jwt.ParseSigned(token, every); err == nil {
		return errNoKey
	}
	return errNotJWT
}

func verifySignature(token *jwt.JSONWebToken, keys jose.JSONWebKeySet) error {
	id := token.Headers[0].KeyID
	for _, key := range keys.Keys {
		if (id == "" || id == key.KeyID) && token.Claims(key, &struct{}{}) == nil {
			return nil
		}
	}
	return errNoKey
}

// check validates the claims of a token whose signature is valid.
func (c claimsJSON) check(now time.Time, leeway time.Duration) (webIdentity, error) {
	identity := webIdentity{Issuer: c.Issuer, Subject: c.Subject, Audiences: c.Audience, Methods: c.Methods, Email: string(c.Email)}
	switch {
	case c.Subject == "":
		return identity, missingClaimError("sub")
	case len(c.Audience) == 0:
		return identity, missingClaimError("aud")
	case c.IssuedAt == nil:
		return identity, missingClaimError("iat")
	case c.Expiry == nil:
		return identity, missingClaimError("exp")
	}
	identity.Expiry = c.Expiry.Time()
	switch {
	case !now.Before(identity.Expiry.Add(leeway)):
		return identity, errExpired
	case c.IssuedAt.Time().After(now.Add(clockLeeway)), c.NotBefore.Time().After(now.Add(clockLeeway)):
		return identity, errNotYet
	case c.AuthorizedParty != "":
		identity.Audience = c.AuthorizedParty
	case len(c.Audience) > 1:
		return identity, errAudiences
	default:
		identity.Audience = c.Audience[0]
	}
	return identity, nil
}

// keys fetches the issuer's discovery document and keys. The document must name the issuer and have the fields that
// OIDC Discovery requires; without them AWS finds no key.
func (v *tokenVerifier) keys(ctx context.Context, issuer string) (jose.JSONWebKeySet, error) {
	var d discoveryJSON
	var set jose.JSONWebKeySet
	if err := v.get(ctx, issuer+"/.well-known/openid-configuration", &d); err != nil {
		return set, err
	}
	if d.Issuer != issuer || len(d.ResponseTypes) == 0 || len(d.SubjectTypes) == 0 || len(d.SigningAlgs) == 0 {
		return set, errNoKey
	}
	return set, v.get(ctx, d.JWKS, &set)
}

func (v *tokenVerifier) get(ctx context.Context, url string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreachable, err)
	}
	req.Header.Set("User-Agent", awsUserAgent)
	resp, err := v.client.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnreachable, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: HTTP status %d", errUnreachable, resp.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxForm)).Decode(into); err != nil {
		return errNoKey
	}
	return nil
}
