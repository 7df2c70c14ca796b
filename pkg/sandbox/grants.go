package sandbox

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"sync"
	"time"
)

// codeLife is how long an authorization code may be redeemed (RFC 6749 §4.1.2 allows ten minutes).
const codeLife = time.Minute

// signIn is what the authorization endpoint granted.
type signIn struct {
	clientID    string
	redirectURI string
	challenge   string // S256
	nonce       string
	scopes      []string
	offline     bool
	user        User
	session     string    // the ID of the ssoSession
	at          time.Time // when the user last signed in
}

// code is a sign-in whose code has not been redeemed yet, or that was redeemed for used.
type code struct {
	signIn
	until time.Time
	used  *family // the family that it was redeemed for
	spent bool
}

// family is everything issued for one sign-in. Reuse of any member revokes it (RFC 9700 §4.14.2).
type family struct {
	signIn
	refresh string // the only valid refresh token
	revoked bool
}

// grantStore stores codes and refresh tokens, including those already used.
type grantStore struct {
	mu      sync.Mutex
	codes   map[string]*code
	refresh map[string]*family
}

func (b *grantStore) issueCode(s signIn, now time.Time) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.codes == nil {
		b.codes = map[string]*code{}
	}
	value := random(24)
	b.codes[value] = &code{signIn: s, until: now.Add(codeLife)}
	return value
}

// redeem redeems a code. The code is spent even if the request is refused. A second attempt revokes what the first
// one was given.
func (b *grantStore) redeem(value, clientID, redirectURI, verifier string, now time.Time) (*family, string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.codes[value]
	switch {
	case c == nil || c.clientID != clientID:
		return nil, "the code is unknown"
	case c.spent:
		if c.used != nil {
			c.used.revoked = true
		}
		return nil, "the code was used before"
	}
	c.spent = true
	switch {
	case !now.Before(c.until):
		return nil, "the code has expired"
	case c.redirectURI != redirectURI:
		return nil, "the redirect_uri differs from that of the authorization request"
	case !verifies(c.challenge, verifier):
		return nil, "the code_verifier does not match the code_challenge"
	}
	c.used = &family{signIn: c.signIn}
	return c.used, ""
}

// verifies checks PKCE S256 (RFC 7636 §4.6); a verifier has 43 to 128 characters (§4.1). Without a challenge there
// must be no verifier (RFC 9700 §4.8.2).
func verifies(challenge, verifier string) bool {
	if challenge == "" {
		return verifier == ""
	}
	sum := sha256.Sum256([]byte(verifier))
	want := base64.RawURLEncoding.EncodeToString(sum[:])
	return len(verifier) >= 43 && len(verifier) <= 128 &&
		subtle.ConstantTimeCompare([]byte(want), []byte(challenge)) == 1
}

// rotate gives the family its next refresh token.
func (b *grantStore) rotate(f *family) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refresh == nil {
		b.refresh = map[string]*family{}
	}
	f.refresh = random(32)
	b.refresh[f.refresh] = f
	return f.refresh
}

// renew returns the family of a refresh token. A token that was rotated away revokes the family. If the token is for
// one use (lasts is false), it becomes invalid at once, so only one of two simultaneous requests succeeds.
func (b *grantStore) renew(token, clientID string, lasts bool) (*family, string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.refresh[token]
	switch {
	case f == nil || f.clientID != clientID:
		return nil, "the refresh token is unknown"
	case f.revoked:
		return nil, "the refresh token was revoked"
	case f.refresh != token:
		f.revoked = true
		return nil, "the refresh token was used before; its whole family is revoked"
	}
	if !lasts {
		f.refresh = ""
	}
	return f, ""
}

// scopesOf returns the scopes of a refresh token, or nil if it is unknown.
func (b *grantStore) scopesOf(refreshToken string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f := b.refresh[refreshToken]; f != nil {
		return f.scopes
	}
	return nil
}

// revoke revokes a token's family, and reports whether the token belongs to another client.
func (b *grantStore) revoke(token, clientID string) (foreign bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.refresh[token]
	if f == nil {
		return false
	}
	if f.clientID != clientID {
		return true
	}
	f.revoked = true
	return false
}

// revokeSession revokes everything issued in a session at the IdP, including codes that have not been redeemed.
func (b *grantStore) revokeSession(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.refresh {
		f.revoked = f.revoked || f.session == id
	}
	for _, c := range b.codes {
		c.spent = c.spent || c.session == id
	}
}

// LiveGrants returns the number of sign-ins that a refresh token can still renew.
func (p *IdP) LiveGrants() int { return p.grants.live() }

func (b *grantStore) live() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	living := map[*family]bool{}
	for token, f := range b.refresh {
		if f.refresh == token && !f.revoked {
			living[f] = true
		}
	}
	return len(living)
}
