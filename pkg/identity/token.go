// Package identity has the types that say who a person is, according to an identity provider (IdP).
//
// A Token is an ID token with its Claims. A Grant has all tokens of a sign-in. A Proof is what AWS accepts in exchange for
// a credential. A Template makes names from claims.
package identity

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

// Errors that packages login and exchange wrap.
var (
	// ErrGrantRevoked says that the IdP will not renew this grant again (RFC 6749 §5.2, invalid_grant).
	ErrGrantRevoked = errors.New("the sign-in has ended")
	// ErrNoIDToken says that the IdP returned no ID token. OpenID Connect Core §12.2 allows that for a renewal, but AWS needs
	// one, so a new sign-in is necessary.
	ErrNoIDToken = errors.New("the identity provider returned no ID token")
	// ErrTokenRejected says that AWS considers the ID token expired; a renewed one may be accepted.
	ErrTokenRejected = errors.New("the ID token has expired")
)

// RefusedError says that the IdP answered a refresh request without usable tokens for the same person. The refresh token
// may still be valid, but repeating the request does not help.
type RefusedError struct {
	// SignInNeeded says that only a sign-in helps, because the response is an error of RFC 6749 §5.2. Any other response can
	// come from a proxy, and a later request may succeed.
	SignInNeeded bool
	Err          error
}

// Error returns the cause's text.
func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *RefusedError) Unwrap() error { return e.Err }

// maxTokenBytes is Cognito's limit; that of STS is 20,000.
const maxTokenBytes = 50_000

// Token is an ID token: a signed JWT (RFC 7519, OpenID Connect Core §2) and its claims. The zero Token means that there is
// none.
type Token struct {
	Raw    secret.String
	Claims Claims
}

// IsZero reports whether there is no token.
func (t Token) IsZero() bool { return t.Raw.IsZero() }

// Grant has the tokens of a sign-in, with or without a refresh token.
type Grant struct {
	ID      Token
	Access  secret.String
	Refresh secret.String
	// RefreshExpiry is when the refresh token expires; zero if it is not known.
	RefreshExpiry time.Time
	// Scopes were granted by the IdP; a refresh request repeats them (RFC 6749 §6).
	Scopes []string
	// RefreshWithoutScope says that the IdP refuses refresh requests with a scope parameter.
	RefreshWithoutScope bool
	// NoIDTokenOnRefresh says that the last refresh request of this login returned no ID token.
	NoIDTokenOnRefresh bool
	// ClockOffset is how far the IdP's clock was ahead of the local clock when it issued ID; zero if it was less than a
	// minute. Only the times in the claims are by the IdP's clock.
	ClockOffset time.Duration
}

// Renews reports whether the grant can be renewed without a sign-in.
func (g Grant) Renews() bool { return !g.Refresh.IsZero() && !g.NoIDTokenOnRefresh }

// IDExpiry returns when the ID token expires by the local clock; zero if it is not known.
func (g Grant) IDExpiry() time.Time {
	if g.ID.Claims.Expiry.IsZero() {
		return time.Time{}
	}
	return g.ID.Claims.Expiry.Add(-g.ClockOffset)
}

// ParseToken decodes a compact JWT. It does not verify the signature. Its errors do not quote the token.
func ParseToken(raw string) (Token, error) {
	payload, err := payloadOf(raw)
	if err != nil {
		return Token{}, fmt.Errorf("parsing ID token: %w", err)
	}
	claims, err := parseClaims(payload)
	if err != nil {
		return Token{}, fmt.Errorf("parsing ID token: %w", err)
	}
	return Token{Raw: secret.New(raw), Claims: claims}, nil
}

func payloadOf(raw string) ([]byte, error) {
	if len(raw) > maxTokenBytes {
		return nil, fmt.Errorf("%d bytes long, the limit is %d", len(raw), maxTokenBytes)
	}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("%d parts, a signed JWT has 3", len(parts))
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, errors.New("the payload is not base64url")
	}
	return payload, nil
}

// Claims are the claims of an ID token that daypass reads (OpenID Connect Core §2, §5.1).
type Claims struct {
	Issuer          string
	Subject         string
	Audience        []string
	AuthorizedParty string
	Expiry          time.Time
	IssuedAt        time.Time
	NotBefore       time.Time
	Nonce           string
	AccessTokenHash string
	Email           string
	all             map[string]any
}

// ClaimError says that a claim that OpenID Connect Core §2 requires is missing or has the wrong type.
type ClaimError struct {
	Name string
	// Want is the required type; "" if the claim is missing.
	Want string
}

// Error returns the claim's name, without its value.
func (e *ClaimError) Error() string {
	if e.Want == "" {
		return fmt.Sprintf("the claim %q is missing", e.Name)
	}
	return fmt.Sprintf("the claim %q is not %s", e.Name, e.Want)
}

// CheckRequired returns a *ClaimError for the first required claim that is missing.
func (c Claims) CheckRequired() error {
	for _, claim := range []struct {
		name    string
		missing bool
	}{
		{"iss", c.Issuer == ""}, {"sub", c.Subject == ""}, {"aud", len(c.Audience) == 0},
		{"exp", c.Expiry.IsZero()}, {"iat", c.IssuedAt.IsZero()},
	} {
		if claim.missing {
			return &ClaimError{Name: claim.name}
		}
	}
	return nil
}

// parseClaims ignores an optional claim of the wrong type: AWS reads only the required claims. It does not wrap errors of
// encoding/json, which quote the input.
func parseClaims(payload []byte) (Claims, error) {
	all := decodeClaims(payload)
	if all == nil {
		return Claims{}, errors.New("the payload is not a JSON object")
	}
	text := Claims{all: all}.Text
	date := func(name string) time.Time { t, _ := numericDate(all[name]); return t }
	for _, required := range []struct {
		name, want string
		ok         func(any) bool
	}{
		{"iss", "a string", isString}, {"sub", "a string", isString},
		{"aud", "a string or a list of strings", func(v any) bool { return stringList(v) != nil }},
		{"exp", "a number of seconds", isDate}, {"iat", "a number of seconds", isDate},
	} {
		if v := all[required.name]; v != nil && !required.ok(v) {
			return Claims{}, &ClaimError{Name: required.name, Want: required.want}
		}
	}
	return Claims{
		Issuer: text("iss"), Subject: text("sub"), Audience: stringList(all["aud"]), AuthorizedParty: text("azp"),
		Expiry: date("exp"), IssuedAt: date("iat"), NotBefore: date("nbf"), Nonce: text("nonce"),
		AccessTokenHash: text("at_hash"), Email: text("email"), all: all,
	}, nil
}

// decodeClaims returns nil when the payload is not a JSON object.
func decodeClaims(payload []byte) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber() // a float64 would round large numbers, or refuse them
	var all map[string]any
	if !json.Valid(payload) || decoder.Decode(&all) != nil {
		return nil
	}
	return all
}

// Text returns the claim of that name if it is a string, else "".
func (c Claims) Text(name string) string {
	s, _ := c.all[name].(string)
	return s
}

// Claim returns the claim of that name if it is a string, a number or a boolean.
func (c Claims) Claim(name string) (string, bool) {
	switch v := c.all[name].(type) {
	case string:
		return v, v != ""
	case bool:
		return fmt.Sprint(v), true
	case json.Number:
		f, err := v.Float64()
		if err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
			return fmt.Sprintf("%.0f", f), true
		}
		return fmt.Sprint(f), err == nil
	default:
		return "", false
	}
}

func isString(v any) bool { _, ok := v.(string); return ok }

func isDate(v any) bool { _, ok := numericDate(v); return ok }

// numericDate converts seconds since 1970, with or without a fraction (RFC 7519 §2). It returns the zero time for 0.
func numericDate(v any) (time.Time, bool) {
	number, _ := v.(json.Number)
	seconds, err := number.Float64()
	if err != nil || math.Abs(seconds) > 1e11 { // beyond the year 5000
		return time.Time{}, false
	}
	if seconds == 0 {
		return time.Time{}, true
	}
	return time.Unix(int64(seconds), 0).UTC(), true
}
