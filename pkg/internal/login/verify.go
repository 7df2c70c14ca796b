package login

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/sanitize"
)

const (
	// expiryLeeway is for exp, clockLeeway for nbf and iat: clocks differ.
	expiryLeeway = time.Minute
	clockLeeway  = 5 * time.Minute
)

// verify verifies an ID token from the token endpoint (OpenID Connect Core §3.1.3.7). It does not check the nonce if
// that is "": a refreshed token need not have one (§12.2).
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
	signed, err := parseSignature(raw)
	if err != nil {
		return identity.Token{}, err
	}
	if err := checkAlgorithm(m, signed.alg); err != nil {
		return identity.Token{}, err
	}
	if err := idp.login.checkClaims(token.Claims, nonce); err != nil {
		return identity.Token{}, err
	}
	if err := idp.checkTimes(token.Claims); err != nil {
		return identity.Token{}, err
	}
	if err := idp.verifySignature(ctx, m, signed); err != nil {
		return identity.Token{}, err
	}
	return token, signed.checkAccessToken(token.Claims.AccessTokenHash, accessToken)
}

func checkAlgorithm(m metadata, alg string) error {
	if !acceptedBySTS(alg) {
		return &UnsupportedAlgError{Alg: sanitize.Short(alg, maxCode)}
	}
	if !slices.Contains(m.Algs, alg) && (alg != "RS256" || len(m.Algs) > 0) { // RS256 is the default
		return fmt.Errorf("it is signed with %s, which the identity provider does not advertise", alg)
	}
	return nil
}

func (l *Login) checkClaims(c identity.Claims, nonce string) error {
	if err := c.CheckRequired(); err != nil {
		return err
	}
	switch {
	case !sameIssuer(c.Issuer, l.Issuer):
		return fmt.Errorf("its issuer is %q, not %q", sanitize.Short(c.Issuer, maxDescription), l.Issuer)
	case !slices.Contains(c.Audience, l.ClientID):
		return fmt.Errorf("its audience is %q, not %q", sanitize.Short(strings.Join(c.Audience, " "), maxDescription), l.ClientID)
	case len(c.Audience) > 1 && c.AuthorizedParty == "":
		return errors.New("it has several audiences but no azp")
	case c.AuthorizedParty != "" && c.AuthorizedParty != l.ClientID:
		return fmt.Errorf("its azp is %q, not %q", sanitize.Short(c.AuthorizedParty, maxDescription), l.ClientID)
	case nonce != "" && c.Nonce != nonce:
		return ErrOtherSignIn
	}
	return nil
}

// checkTimes uses the IdP's clock. If that clock is earlier than the token that came with it, the Date header was wrong,
// and the local clock is used.
func (idp *issuer) checkTimes(c identity.Claims) error {
	local, remote := idp.login.now(), idp.now()
	begins := c.IssuedAt
	if c.NotBefore.After(begins) {
		begins = c.NotBefore
	}
	clockErr := &ClockError{At: c.Expiry, Now: local}
	if !remote.Equal(local) {
		clockErr.IdP = local.Add(idp.clock.difference())
	}
	if begins.After(remote.Add(clockLeeway)) && !remote.Equal(local) {
		idp.clock.reset()
	}
	clockErr.Cut = idp.clock.offset() != idp.clock.difference()
	switch now := idp.now(); {
	case c.Expiry.Add(expiryLeeway).Before(now):
		return clockErr
	case !c.IssuedAt.Before(c.Expiry):
		return errors.New("its iat is not before its exp")
	case begins.After(now.Add(clockLeeway)):
		clockErr.At, clockErr.Early = begins, true
		return clockErr
	}
	return nil
}

// sameIssuer also accepts Google's issuer without its scheme, as STS does.
func sameIssuer(a, b string) bool {
	const google = "accounts.google.com"
	return a == b || a == google && b == "https://"+google || b == google && a == "https://"+google
}
