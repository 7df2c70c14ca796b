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

// Renew asks for new tokens with the grant's refresh token, once: a second request could end the whole
// sign-in where refresh tokens are used once (RFC 9700 §4.14). The one exception is an IdP that refuses the
// scope parameter: it is asked again without, and the new grant remembers that. The old refresh token is kept
// if the IdP returns none.
//
// An error that wraps identity.ErrGrantRevoked says that the refresh token will never be accepted again, an
// *identity.RefusedError that the IdP answered something other than tokens for this person. After other errors
// the grant returned beside the error may hold a refresh token, and no other token: the IdP has answered, the
// old one may be spent, and this one is to be stored in its place.
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
	answer, withoutScope, err := idp.refresh(ctx, m, old)
	if err != nil {
		return identity.Grant{}, err
	}
	answer.refreshToken = cmp.Or(answer.refreshToken, old.Refresh.Reveal())
	grant := l.grant(answer)
	grant.Scopes, grant.RefreshWithoutScope = old.Scopes, withoutScope // a refresh token's scopes never change (RFC 6749 §6)
	if grant.RefreshExpiry.IsZero() && grant.Refresh.Equal(old.Refresh) {
		grant.RefreshExpiry = old.RefreshExpiry
	}
	rest := grant
	rest.Access = secret.String{}
	if answer.idToken == "" {
		return rest, identity.ErrNoIDToken
	}
	if grant.ID, err = idp.verify(ctx, m, answer.idToken, answer.accessToken, ""); err != nil {
		return rest, unusableError(ctx, err)
	}
	grant.ClockOffset = idp.clock.offset()
	if err := samePerson(old.ID.Claims, grant.ID.Claims); err != nil {
		return identity.Grant{}, &identity.RefusedError{Err: err}
	}
	return grant, nil
}

// refresh sends the refresh request (RFC 6749 §6). The granted scopes are part of it because some IdPs give an
// ID token only to a request for openid.
func (idp *issuer) refresh(ctx context.Context, m metadata, old identity.Grant) (answer tokenAnswer, withoutScope bool, err error) {
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old.Refresh.Reveal()}}
	withoutScope = old.RefreshWithoutScope
	if len(old.Scopes) > 0 && !withoutScope {
		form.Set("scope", strings.Join(old.Scopes, " "))
	}
	answer, status, err := idp.requestTokens(ctx, m, form)
	if form.Has("scope") && refusesScope(status, err) {
		form.Del("scope")
		withoutScope = true
		answer, status, err = idp.requestTokens(ctx, m, form)
	}
	if err != nil {
		return tokenAnswer{}, false, refreshError(status, err)
	}
	return answer, withoutScope, nil
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

// refusesScope reports whether the IdP may have refused a refresh request for its scope parameter.
func refusesScope(status int, err error) bool {
	told, ok := oauthRefusal(status, err)
	return ok && (told.Code == "invalid_scope" || told.Code == "invalid_request") && !endsGrant(told)
}

// refreshError says what the answer to a failed refresh request means for the grant. Without an answer, or
// with that of a proxy or an overloaded server, it means nothing.
func refreshError(status int, err error) error {
	told, refused := oauthRefusal(status, err)
	switch {
	case refused && endsGrant(told):
		return fmt.Errorf("%w: %w", identity.ErrGrantRevoked, err)
	case status == 0 || transientStatus(status):
		return err
	}
	return &identity.RefusedError{SignInNeeded: refused && !passes(told), Err: err}
}

// unusableError says that the refreshed ID token cannot be used, which a sign-in may change: some IdPs return
// the expired one again. It cannot change the algorithm, and nothing is known while the keys cannot be fetched.
func unusableError(ctx context.Context, err error) error {
	status, isStatus := errors.AsType[*StatusError](err)
	_, isAlg := errors.AsType[*UnsupportedAlgError](err)
	_, isNetwork := errors.AsType[net.Error](err)
	if ctx.Err() != nil || isAlg || isNetwork || isStatus && transientStatus(status.Status) {
		return err
	}
	return &identity.RefusedError{Err: err}
}

// oauthRefusal returns the IdP's error if it has the form and a status of RFC 6749 §5.2. 403 is not among
// them, but some IdPs send it.
func oauthRefusal(status int, err error) (*IdPError, bool) {
	told, ok := errors.AsType[*IdPError](err)
	return told, ok && (status == http.StatusBadRequest || status == http.StatusUnauthorized || status == http.StatusForbidden)
}

// endsGrant reports whether the refresh token will never be accepted again: invalid_grant (RFC 6749 §5.2), or
// what dex says of a token that a later sign-in elsewhere replaced.
func endsGrant(told *IdPError) bool {
	return told.Code == "invalid_grant" ||
		told.Code == "invalid_request" && strings.HasPrefix(told.Description, "Refresh token is invalid")
}

// passes reports whether the IdP itself says that a later request may succeed (RFC 6749 §4.1.2.1, RFC 8628 §3.5).
func passes(told *IdPError) bool {
	return slices.Contains([]string{"temporarily_unavailable", "server_error", "slow_down"}, told.Code)
}
