package login

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"golang.org/x/oauth2"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// redeem trades the code for a grant, once (RFC 6749 §4.1.3, RFC 7636 §4.5).
func (l *Login) redeem(ctx context.Context, idp *provider, m metadata, a *attempt, code string) (identity.Grant, error) {
	config := l.config(m, a.port.redirectURI())
	answer, err := config.Exchange(idp.context(ctx), code, oauth2.VerifierOption(a.codeVerifier))
	if err != nil {
		return identity.Grant{}, fmt.Errorf("redeeming the code: %w", tokenError(ctx, err, m.TokenURL))
	}
	raw, _ := answer.Extra("id_token").(string)
	if raw == "" {
		return identity.Grant{}, identity.ErrNoIDToken
	}
	token, err := idp.verify(ctx, m, raw, answer.AccessToken, a.nonce)
	if err != nil {
		return identity.Grant{}, err
	}
	grant := l.grant(answer)
	grant.ID = token
	return grant, nil
}

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

// ask discovers the issuer for a call without a browser. done ends what it began.
func (l *Login) ask(ctx context.Context) (idp *provider, m metadata, done func(), err error) {
	if err := l.check(); err != nil {
		return nil, metadata{}, nil, err
	}
	inner, cancel := context.WithCancel(ctx)
	herald := &herald{notify: l.Notify}
	done = func() { cancel(); herald.hush() }
	idp = l.provider(inner, herald)
	if m, err = idp.discovery.wait(ctx); err != nil {
		done()
		return nil, metadata{}, nil, err
	}
	return idp, m, done, nil
}

// context carries the client, the only way x/oauth2 takes one.
func (p *provider) context(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, p.client)
}

func (l *Login) grant(answer *oauth2.Token) identity.Grant {
	return identity.Grant{
		Access:        secret.New(answer.AccessToken),
		Refresh:       secret.New(answer.RefreshToken),
		RefreshExpiry: l.refreshExpiry(answer),
	}
}

// refreshExpiry reads what Keycloak and Entra call it; 0 means that it does not end.
func (l *Login) refreshExpiry(answer *oauth2.Token) time.Time {
	for _, name := range []string{"refresh_expires_in", "refresh_token_expires_in"} {
		if seconds, ok := answer.Extra(name).(float64); ok && seconds > 0 && seconds < 1e9 {
			return l.now().Add(time.Duration(seconds) * time.Second).UTC()
		}
	}
	return time.Time{}
}

// renewError tells the end of a grant from a failure that may pass (RFC 6749 §5.2).
func renewError(err error) error {
	if told, ok := errors.AsType[*IdPError](err); ok && told.Code == "invalid_grant" {
		return fmt.Errorf("%w: %w", identity.ErrGrantRevoked, err)
	}
	return err
}

// tokenError keeps the protocol's own words and the status; x/oauth2's errors may quote the body, and a
// body that is no error answer may have tokens in it.
func tokenError(ctx context.Context, err error, from string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if told, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		status := told.Response.StatusCode
		if told.ErrorCode != "" && status < http.StatusInternalServerError {
			return newIdPError(told.ErrorCode, told.ErrorDescription)
		}
		return statusError(status, from)
	}
	if _, ok := errors.AsType[*url.Error](err); ok {
		return withoutURL(err)
	}
	return fmt.Errorf("the answer of %s is not a token response", hostOf(from))
}
