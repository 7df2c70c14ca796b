package login

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// Renew requests new tokens with the grant's refresh token. It sends one request: if refresh tokens are for one use, a
// second request could end the sign-in (RFC 9700 §4.14). The only exception is an IdP that refuses the scope parameter:
// Renew sends the request again without it, and the new grant records that. If the IdP returns no refresh token, the new
// grant contains the old one.
//
// An error that wraps identity.ErrGrantRevoked says that the refresh token will never be accepted again. An
// *identity.RefusedError says that the response contained no usable tokens for this person. With other errors, the
// returned grant may contain a refresh token and no other token. The caller must store it, because the IdP has answered
// and the old one may be void.
func (l *Login) Renew(ctx context.Context, old identity.Grant) (identity.Grant, error) {
	grant, err := l.renew(ctx, old)
	if err != nil {
		return grant, fmt.Errorf("renewing the sign-in at %s: %w", hostOf(l.Issuer), err)
	}
	return grant, nil
}

func (l *Login) renew(ctx context.Context, old identity.Grant) (identity.Grant, error) {
	if old.Refresh.IsZero() {
		return identity.Grant{}, fmt.Errorf("%w: no refresh token is stored", identity.ErrGrantRevoked)
	}
	idp, m, done, err := l.discovered(ctx)
	if err != nil {
		return identity.Grant{}, err
	}
	defer done()
	idp.prefetchKeys(ctx)
	response, withoutScope, err := idp.refresh(ctx, m, old)
	if err != nil {
		return identity.Grant{}, err
	}
	response.refreshToken = cmp.Or(response.refreshToken, old.Refresh.Reveal())
	grant := l.grantWithoutID(response)
	grant.Scopes, grant.RefreshWithoutScope = old.Scopes, withoutScope // the scopes of a refresh token never change (RFC 6749 §6)
	if grant.RefreshExpiry.IsZero() && grant.Refresh.Equal(old.Refresh) {
		grant.RefreshExpiry = old.RefreshExpiry
	}
	refreshOnly := grant
	refreshOnly.Access = secret.String{}
	if response.idToken == "" {
		return refreshOnly, identity.ErrNoIDToken
	}
	if grant.ID, err = idp.verify(ctx, m, response.idToken, response.accessToken, ""); err != nil {
		return refreshOnly, unusableError(ctx, err)
	}
	grant.ClockOffset = idp.clock.offset()
	if err := samePerson(old.ID.Claims, grant.ID.Claims); err != nil {
		return identity.Grant{}, &identity.RefusedError{Err: err}
	}
	return grant, nil
}

// refresh sends the refresh request (RFC 6749 §6). It contains the granted scopes because some IdPs return an ID token
// only if openid is requested.
func (idp *issuer) refresh(ctx context.Context, m metadata, old identity.Grant) (response tokenResponse, withoutScope bool, err error) {
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old.Refresh.Reveal()}}
	withoutScope = old.RefreshWithoutScope
	if len(old.Scopes) > 0 && !withoutScope {
		form.Set("scope", strings.Join(old.Scopes, " "))
	}
	response, status, err := idp.requestTokens(ctx, m, form)
	if form.Has("scope") && refusesScope(status, err) {
		form.Del("scope")
		withoutScope = true
		response, status, err = idp.requestTokens(ctx, m, form)
	}
	if err != nil {
		return tokenResponse{}, false, refreshError(status, err)
	}
	return response, withoutScope, nil
}

// samePerson checks a refreshed ID token against the first one (OpenID Connect Core §12.2). It returns nil if the old
// grant was stored without its ID token.
func samePerson(old, renewed identity.Claims) error {
	switch {
	case old.Subject == "":
		return nil
	case !sameIssuer(old.Issuer, renewed.Issuer):
		return fmt.Errorf("the refreshed ID token is from the issuer %q, the first one was from %q", renewed.Issuer, old.Issuer)
	case old.Subject != renewed.Subject:
		return errors.New("the refreshed ID token has another subject than the first one")
	case slices.ContainsFunc(old.Audience, func(a string) bool { return !slices.Contains(renewed.Audience, a) }):
		return fmt.Errorf("the refreshed ID token has the audience %q, the first one had %q", renewed.Audience, old.Audience)
	}
	return nil
}

// refusesScope reports whether the IdP may have refused a refresh request for its scope parameter.
func refusesScope(status int, err error) bool {
	idpErr, ok := oauthRefusal(status, err)
	return ok && (idpErr.Code == "invalid_scope" || idpErr.Code == "invalid_request") && !endsGrant(idpErr)
}

// refreshError adds what a failed refresh request means for the grant. It adds nothing if there was no response, or one
// from a proxy or an overloaded server.
func refreshError(status int, err error) error {
	idpErr, refused := oauthRefusal(status, err)
	switch {
	case refused && endsGrant(idpErr):
		return fmt.Errorf("%w: %w", identity.ErrGrantRevoked, err)
	case status == 0 || transientStatus(status):
		return err
	}
	return &identity.RefusedError{SignInNeeded: refused && !isTemporary(idpErr), Err: err}
}

// unusableError returns a RefusedError if a new sign-in may return a usable ID token: some IdPs return the expired one
// to a refresh request. A sign-in does not change the algorithm, and it does not help if the keys cannot be fetched.
func unusableError(ctx context.Context, err error) error {
	status, isStatus := errors.AsType[*StatusError](err)
	_, isAlg := errors.AsType[*UnsupportedAlgError](err)
	_, isNetwork := errors.AsType[net.Error](err)
	if ctx.Err() != nil || isAlg || isNetwork || isStatus && transientStatus(status.Status) {
		return err
	}
	return &identity.RefusedError{Err: err}
}

// oauthRefusal returns the IdP's error if it has the form and a status of RFC 6749 §5.2, or 403, which some IdPs send.
func oauthRefusal(status int, err error) (*IdPError, bool) {
	idpErr, ok := errors.AsType[*IdPError](err)
	return idpErr, ok && (status == http.StatusBadRequest || status == http.StatusUnauthorized || status == http.StatusForbidden)
}

// endsGrant reports whether the refresh token will never be accepted again: invalid_grant (RFC 6749 §5.2), or what dex
// returns for a refresh token that a later sign-in has replaced.
func endsGrant(e *IdPError) bool {
	return e.Code == "invalid_grant" ||
		e.Code == "invalid_request" && strings.HasPrefix(e.Description, "Refresh token is invalid")
}

// isTemporary reports whether the IdP says that a later request may succeed (RFC 6749 §4.1.2.1, RFC 8628 §3.5).
func isTemporary(e *IdPError) bool {
	return slices.Contains([]string{"temporarily_unavailable", "server_error", "slow_down"}, e.Code)
}
