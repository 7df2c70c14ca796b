package sandbox

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// idToken creates the ID token of a sign-in or of a refresh (OIDC Core §2, §12.2).
func (p *IdP) idToken(s signIn, accessToken string, renewed bool, knobs Knobs) (string, error) {
	alg := knobs.Alg
	if alg == "" {
		alg = defaultAlg
	}
	claims := p.claims(s, renewed, knobs)
	claims["at_hash"] = atHash(alg, accessToken)
	if knobs.WrongAtHash {
		claims["at_hash"] = atHash(alg, "another token")
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	if knobs.AlgNone {
		encode := base64.RawURLEncoding.EncodeToString
		return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(payload) + ".", nil
	}
	key, err := p.keys.key(alg)
	if knobs.WrongKey {
		key, err = p.keys.unpublished(alg)
	}
	if err != nil {
		return "", err
	}
	return sign(alg, key, payload)
}

// claims returns the token's claims, changed by the knobs. A refreshed token has no nonce.
func (p *IdP) claims(s signIn, renewed bool, knobs Knobs) map[string]any {
	now := p.now()
	claims := map[string]any{}
	if slices.Contains(s.scopes, "email") {
		claims["email"], claims["email_verified"] = s.user.Email, true
	}
	if slices.Contains(s.scopes, "profile") {
		claims["name"] = s.user.Name
	}
	maps.Copy(claims, s.user.Claims)
	maps.Copy(claims, map[string]any{
		"iss": p.url, "sub": s.user.Subject, "aud": s.clientID, "sid": s.session,
		"iat": now.Unix(), "exp": now.Add(knobs.TokenLife).Unix(), "auth_time": s.at.Unix(),
	})
	delete(claims, "nonce")
	if s.nonce != "" && !renewed {
		claims["nonce"] = s.nonce
	}
	if renewed && knobs.RefreshSubject != "" {
		claims["sub"] = knobs.RefreshSubject
	}
	knobs.spoil(claims, now)
	return claims
}

func (k Knobs) spoil(claims map[string]any, now time.Time) {
	const other = "another-client"
	audience := claims["aud"]
	if k.WrongNonce {
		claims["nonce"] = random(16)
	}
	if k.WrongAudience {
		claims["aud"] = other
	}
	if k.ExtraAudience || k.WrongAzp {
		claims["aud"] = []any{audience, other}
	}
	if k.WrongAzp {
		claims["azp"] = other
	}
	if k.WrongIssuer {
		claims["iss"] = "https://mallory.example.com"
	}
	if k.Odd {
		claims["email"], claims["email_verified"] = []any{claims["email"]}, "yes"
	}
	if k.Expired {
		claims["iat"], claims["exp"] = now.Add(-2*time.Hour).Unix(), now.Add(-time.Hour).Unix()
	}
}

// atHash is the left half of the hash of the access token (OIDC Core §3.1.3.6).
func atHash(alg, accessToken string) string {
	var sum []byte
	switch {
	case strings.HasSuffix(alg, "384"):
		h := sha512.Sum384([]byte(accessToken))
		sum = h[:]
	case strings.HasSuffix(alg, "512"), alg == "EdDSA":
		h := sha512.Sum512([]byte(accessToken))
		sum = h[:]
	default:
		h := sha256.Sum256([]byte(accessToken))
		sum = h[:]
	}
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}

func sign(alg string, key signingKey, payload []byte) (string, error) {
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg), Key: jose.JSONWebKey{Key: key.private, KeyID: key.id}},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}
