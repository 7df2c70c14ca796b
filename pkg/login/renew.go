package login

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"github.com/daypass/daypass/pkg/identity"
)

// Renew asks for new tokens with the grant's refresh token, once: a second request could end the whole
// sign-in where refresh tokens are used once (RFC 9700 §4.14). The refresh token is kept where the IdP
// returns none.
//
// An error that wraps identity.ErrGrantRevoked says that the refresh token is worth nothing any more.
// After any other the grant returned beside the error may hold a refresh token, and nothing else: the
// IdP has answered, the old one may be spent, and this one is to be stored in its place.
func (l *Login) Renew(ctx context.Context, old identity.Grant) (identity.Grant, error) {
	grant, err := l.renew(ctx, old)
	if err != nil {
		return grant, fmt.Errorf("renewing the sign-in at %s: %w", hostOf(l.Issuer), err)
	}
	return grant, nil
}

func (l *Login) renew(ctx context.Context, old identity.Grant) (identity.Grant, error) {
	if old.Refresh.IsZero() {
		return identity.Grant{}, fmt.Errorf("%w: there is no refresh token", identity.ErrGrantRevoked)
	}
	idp, m, done, err := l.ask(ctx)
	if err != nil {
		return identity.Grant{}, err
	}
	defer done()
	idp.prefetchKeys(ctx)
	source := l.config(m, "").TokenSource(idp.context(ctx), &oauth2.Token{RefreshToken: old.Refresh.Reveal()})
	answer, err := source.Token()
	if err != nil {
		return identity.Grant{}, renewError(tokenError(ctx, err, m.TokenURL))
	}
	grant := l.grant(answer)
	if grant.RefreshExpiry.IsZero() && grant.Refresh.Equal(old.Refresh) {
		grant.RefreshExpiry = old.RefreshExpiry
	}
	rest := identity.Grant{Refresh: grant.Refresh, RefreshExpiry: grant.RefreshExpiry}
	raw, _ := answer.Extra("id_token").(string)
	if raw == "" {
		return rest, identity.ErrNoIDToken
	}
	if grant.ID, err = idp.verify(ctx, m, raw, answer.AccessToken, ""); err != nil {
		return rest, err
	}
	grant.ClockOffset = idp.clock.offset()
	if err := samePerson(old.ID.Claims, grant.ID.Claims); err != nil {
		return identity.Grant{}, err
	}
	return grant, nil
}

// samePerson demands what OpenID Connect Core §12.2 does of a renewed ID token. A grant that was kept
// without its ID token has nothing to compare with.
func samePerson(old, renewed identity.Claims) error {
	switch {
	case old.Subject == "":
		return nil
	case !sameIssuer(old.Issuer, renewed.Issuer):
		return fmt.Errorf("the renewed ID token is from %q, the first was from %q", renewed.Issuer, old.Issuer)
	case old.Subject != renewed.Subject:
		return errors.New("the renewed ID token is another person's")
	case slices.ContainsFunc(old.Audience, func(a string) bool { return !slices.Contains(renewed.Audience, a) }):
		return fmt.Errorf("the renewed ID token is for %q, the first was for %q", renewed.Audience, old.Audience)
	}
	return nil
}

// renewError tells the end of a grant from a failure that may pass.
func renewError(err error) error {
	if told, ok := errors.AsType[*IdPError](err); ok && endsGrant(told) {
		return fmt.Errorf("%w: %w", identity.ErrGrantRevoked, err)
	}
	return err
}

// endsGrant reports whether the refresh token will never be taken again: invalid_grant (RFC 6749 §5.2), or
// what dex says of a token that a later sign-in elsewhere replaced.
func endsGrant(told *IdPError) bool {
	return told.Code == "invalid_grant" ||
		told.Code == "invalid_request" && strings.HasPrefix(told.Description, "Refresh token is invalid")
}
