// Package identity answers: who is this?
//
// A Token is what an identity provider (IdP) says of a person, its Claims what it says in detail, and
// a Grant all that one sign-in leaves behind. A Template turns claims into names.
package identity

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

// Errors that the broker must tell apart; login and exchange wrap them.
var (
	// ErrGrantRevoked says that the IdP will not renew this grant again (RFC 6749 §5.2, invalid_grant).
	ErrGrantRevoked = errors.New("the sign-in has ended")
	// ErrNoIDToken says that the IdP answered without an ID token. OpenID Connect Core §12.2 allows that of
	// a renewal; AWS needs one, so what helps is to sign in anew.
	ErrNoIDToken = errors.New("the identity provider gave no ID token")
	// ErrTokenRejected says that AWS calls the ID token expired; a renewed one may pass.
	ErrTokenRejected = errors.New("the ID token has expired")
)

// RefusedError says that the IdP answered a refresh request with something other than usable tokens for the same
// person. The refresh token may still be valid, but a person's sign-in gets further than the same request.
type RefusedError struct {
	// SignInNeeded says that only a sign-in helps: the IdP refused in the words of RFC 6749 §5.2. Otherwise a
	// proxy may have answered, and a later request may succeed.
	SignInNeeded bool
	Err          error
}

// Error is the cause's text.
func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *RefusedError) Unwrap() error { return e.Err }

// maxTokenBytes bounds a token: STS takes at most 20,000 characters, Cognito 50,000.
const maxTokenBytes = 50_000

// Token is an ID token: a signed JWT (RFC 7519, OpenID Connect Core §2) and what it says. The zero
// Token is none.
type Token struct {
	Raw    secret.String
	Claims Claims
}

// IsZero reports whether there is no token.
func (t Token) IsZero() bool { return t.Raw.IsZero() }

// Grant is what one sign-in leaves: tokens for now, and perhaps a refresh token for later.
type Grant struct {
	ID      Token
	Access  secret.String
	Refresh secret.String
	// RefreshExpiry is when the refresh token ends, if the IdP said so; zero otherwise.
	RefreshExpiry time.Time
	// Scopes are those that the IdP granted; a refresh request repeats them (RFC 6749 §6).
	Scopes []string
	// RefreshWithoutScope says that the IdP refuses refresh requests with a scope parameter.
	RefreshWithoutScope bool
	// NoIDTokenOnRefresh says that the last refresh request at this login brought no ID token.
	NoIDTokenOnRefresh bool
	// ClockOffset is how far the IdP's clock was ahead of the one here when it issued ID, zero where they
	// agree to a minute. Claims are by the IdP's clock, everything else here by ours.
	ClockOffset time.Duration
}

// Renews reports whether new ID tokens can be expected without a person.
func (g Grant) Renews() bool { return !g.Refresh.IsZero() && !g.NoIDTokenOnRefresh }

// IDExpiry is when the ID token ends by the clock here; zero where that is not known.
func (g Grant) IDExpiry() time.Time {
	if g.ID.Claims.Expiry.IsZero() {
		return time.Time{}
	}
	return g.ID.Claims.Expiry.Add(-g.ClockOffset)
}

// ParseToken decodes a compact JWT without verifying its signature: that is for whoever receives it
// from the IdP. Its errors never quote the token.
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

// Claims are the parts of an ID token's payload that daypass looks at (OpenID Connect Core §2, §5.1).
type Claims struct {
	Issuer          string
	Subject         string
	Audience        []string
	AuthorizedParty string
	Expiry          time.Time
	IssuedAt        time.Time
	Nonce           string
	AccessTokenHash string
	Email           string
	all             map[string]any
}

// claimsJSON is the wire shape of Claims.
type claimsJSON struct {
	Issuer          string      `json:"iss"`
	Subject         string      `json:"sub"`
	Audience        stringList  `json:"aud"`
	AuthorizedParty string      `json:"azp"`
	Expiry          numericDate `json:"exp"`
	IssuedAt        numericDate `json:"iat"`
	Nonce           string      `json:"nonce"`
	AccessTokenHash string      `json:"at_hash"`
	Email           string      `json:"email"`
}

// parseClaims never wraps encoding/json's errors: they quote what they could not read.
func parseClaims(payload []byte) (Claims, error) {
	var wire claimsJSON
	if err := json.Unmarshal(payload, &wire); err != nil {
		return Claims{}, errors.New("the payload is not a JSON object of OpenID Connect claims")
	}
	var all map[string]any
	if err := json.Unmarshal(payload, &all); err != nil || all == nil {
		return Claims{}, errors.New("the payload is not a JSON object")
	}
	return Claims{
		Issuer: wire.Issuer, Subject: wire.Subject, Audience: wire.Audience,
		AuthorizedParty: wire.AuthorizedParty, Expiry: time.Time(wire.Expiry),
		IssuedAt: time.Time(wire.IssuedAt), Nonce: wire.Nonce,
		AccessTokenHash: wire.AccessTokenHash, Email: wire.Email, all: all,
	}, nil
}

// Claim returns the claim of that name where it is a text, a number or a boolean.
func (c Claims) Claim(name string) (string, bool) {
	switch v := c.all[name].(type) {
	case string:
		return v, v != ""
	case bool:
		return fmt.Sprint(v), true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return fmt.Sprintf("%.0f", v), true
		}
		return fmt.Sprint(v), true
	default:
		return "", false
	}
}

// stringList is one text or several (RFC 7519 §4.1.3).
type stringList []string

func (l *stringList) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*l = stringList{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(l))
}

// numericDate is seconds since 1970, perhaps with a fraction (RFC 7519 §2).
type numericDate time.Time

func (d *numericDate) UnmarshalJSON(b []byte) error {
	var seconds float64
	if err := json.Unmarshal(b, &seconds); err != nil {
		return err
	}
	if math.Abs(seconds) > 1e11 {
		return errors.New("a date beyond the year 5000")
	}
	if seconds != 0 {
		*d = numericDate(time.Unix(int64(seconds), 0).UTC())
	}
	return nil
}
