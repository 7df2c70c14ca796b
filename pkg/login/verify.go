package login

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/plain"
)

const (
	// expiryLeeway and clockLeeway allow for clocks that differ.
	expiryLeeway = time.Minute
	clockLeeway  = 5 * time.Minute
)

// stsAlgorithms are what STS takes. HS* would make the client secret a signing key, none is no
// signature, PS* and EdDSA are sound but refused there.
func stsAlgorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512}
}

func takenBySTS(alg string) bool {
	return slices.Contains(stsAlgorithms(), jose.SignatureAlgorithm(alg))
}

// algorithms are those that both the IdP advertises and STS takes; RS256 where it advertises none.
func algorithms(m metadata) []jose.SignatureAlgorithm {
	if len(m.Algs) == 0 {
		return []jose.SignatureAlgorithm{jose.RS256}
	}
	return slices.DeleteFunc(stsAlgorithms(), func(alg jose.SignatureAlgorithm) bool {
		return !slices.Contains(m.Algs, string(alg))
	})
}

// verify checks an ID token that came from the token endpoint (OpenID Connect Core §3.1.3.7). The
// nonce is not checked when it is "": a renewed token need not have one (§12.2). go-oidc's verifier has
// the last word; what is checked before it is what it leaves out, or says less clearly.
func (idp *issuer) verify(ctx context.Context, m metadata, raw, accessToken, nonce string) (identity.Token, error) {
	token, err := idp.checkToken(ctx, m, raw, accessToken, nonce)
	if err != nil {
		return identity.Token{}, fmt.Errorf("verifying the ID token: %w", err)
	}
	return token, nil
}

func (idp *issuer) checkToken(ctx context.Context, m metadata, raw, accessToken, nonce string) (identity.Token, error) {
	token, err := identity.ParseToken(raw)
	if err != nil {
		return identity.Token{}, err
	}
	if err := checkAlgorithm(m, raw); err != nil {
		return identity.Token{}, err
	}
	if err := idp.login.checkClaims(token.Claims, nonce, idp.now()); err != nil {
		return identity.Token{}, err
	}
	keys := &keySet{issuer: idp, metadata: m}
	verified, err := idp.verifier(m, keys).Verify(ctx, raw)
	switch {
	case keys.failure != nil:
		return identity.Token{}, keys.failure
	case err != nil:
		return identity.Token{}, err
	case verified.AccessTokenHash != "" && accessToken != "" && verified.VerifyAccessToken(accessToken) != nil:
		return identity.Token{}, errors.New("its at_hash is not that of the access token beside it")
	}
	return token, nil
}

func (idp *issuer) verifier(m metadata, keys oidc.KeySet) *oidc.IDTokenVerifier {
	config := &oidc.Config{ClientID: idp.login.ClientID, Now: func() time.Time { return idp.now().Add(-expiryLeeway) }}
	for _, alg := range algorithms(m) {
		config.SupportedSigningAlgs = append(config.SupportedSigningAlgs, string(alg))
	}
	return oidc.NewVerifier(idp.login.Issuer, keys, config)
}

func checkAlgorithm(m metadata, raw string) error {
	header, _, _ := strings.Cut(raw, ".")
	var wire struct {
		Alg string `json:"alg"`
	}
	b, err := base64.RawURLEncoding.DecodeString(header)
	if err != nil || json.Unmarshal(b, &wire) != nil {
		return errors.New("its header is not a JSON object")
	}
	if !takenBySTS(wire.Alg) {
		return &UnsupportedAlgError{Alg: plain.Short(wire.Alg, maxCode)}
	}
	if !slices.Contains(algorithms(m), jose.SignatureAlgorithm(wire.Alg)) {
		return fmt.Errorf("it is signed with %s, which the identity provider does not advertise", wire.Alg)
	}
	return nil
}

func (l *Login) checkClaims(c identity.Claims, nonce string, now time.Time) error {
	switch {
	case !sameIssuer(c.Issuer, l.Issuer):
		return fmt.Errorf("its issuer is %q, not %q", plain.Short(c.Issuer, maxDescription), l.Issuer)
	case c.Subject == "":
		return errors.New("it names no subject")
	case !slices.Contains(c.Audience, l.ClientID):
		return fmt.Errorf("its audience is %q, not %q", plain.Short(strings.Join(c.Audience, " "), maxDescription), l.ClientID)
	case len(c.Audience) > 1 && c.AuthorizedParty == "":
		return errors.New("it has several audiences and no azp")
	case c.AuthorizedParty != "" && c.AuthorizedParty != l.ClientID:
		return fmt.Errorf("its azp is %q, not %q", plain.Short(c.AuthorizedParty, maxDescription), l.ClientID)
	case nonce != "" && c.Nonce != nonce:
		return ErrOtherSignIn
	case c.Expiry.Add(expiryLeeway).Before(now):
		return &ClockError{At: c.Expiry, Now: now}
	case c.IssuedAt.IsZero() || !c.IssuedAt.Before(c.Expiry):
		return errors.New("its iat is missing or not before its exp")
	case c.IssuedAt.After(now.Add(clockLeeway)):
		return &ClockError{At: c.IssuedAt, Now: now, Early: true}
	}
	return nil
}

// sameIssuer knows the one exception, Google's issuer without its scheme, which STS knows too.
func sameIssuer(a, b string) bool {
	const google = "accounts.google.com"
	return a == b || a == google && b == "https://"+google || b == google && a == "https://"+google
}
