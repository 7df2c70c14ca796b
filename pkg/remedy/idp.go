package remedy

import (
	"errors"
	"fmt"

	"github.com/daypass/daypass/pkg/broker"
	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/login"
)

// known finds the values and types that our own packages give.
func known(err error) (advice, bool) {
	for _, row := range []struct {
		is error
		advice
	}{
		{identity.ErrGrantRevoked, advice{"the sign-in ran out, or was revoked at the IdP", "daypass login", ExitSignInNeeded}},
		{broker.ErrSignInNeeded, advice{"", "daypass login", ExitSignInNeeded}},
		{login.ErrUnanswered, advice{"the tab was closed, or nobody saw it", "daypass login", ExitSignInNeeded}},
		{identity.ErrTokenRejected, tokenExpired},
		{identity.ErrNoIDToken, advice{"AWS needs an ID token, and the IdP gave none", "openid among the scopes in the profile", ExitRefused}},
		{login.ErrNoRevocation, advice{"the refresh token is forgotten here and lives on at the IdP", "the sessions in your account at the IdP", ExitFailed}},
	} {
		if errors.Is(err, row.is) {
			return row.advice, true
		}
	}
	return ofDiscovery(err)
}

func ofDiscovery(err error) (advice, bool) {
	if other, ok := errors.AsType[*login.IssuerMismatchError](err); ok {
		return advice{"the issuer is spelled differently, be it by a slash",
			fmt.Sprintf("login.issuer = %q in the profile and in IAM", other.Advertised), ExitFailed}, true
	}
	if _, ok := errors.AsType[*login.UnsupportedAlgError](err); ok {
		return advice{"the IdP signs this client's ID tokens in another way", "at the IdP: RS256 for this client's ID tokens", ExitFailed}, true
	}
	return advice{}, false
}

// ofIdP finds the errors of RFC 6749 §4.1.2.1 and §5.2 and of OpenID Connect Core §3.1.2.6.
func ofIdP(err error) (advice, bool) {
	told, ok := errors.AsType[*login.IdPError](err)
	if !ok {
		return advice{}, false
	}
	if found, ok := find(idpAnswers, told.Code, told.Description); ok {
		return found, true
	}
	return refusedSomehow, true
}

var idpAnswers = []answer{
	{"access_denied", "", advice{"the sign-in was cancelled, or this app is not for you", "who may use the client {aud} at the IdP", ExitRefused}},
	{"login_required interaction_required consent_required account_selection_required", "",
		advice{"the IdP wants to see you in the browser", "daypass login", ExitSignInNeeded}},

	{"invalid_client", "", clientSecret},
	{"invalid_request", "client_secret", clientSecret}, // Google
	{"unauthorized_client", "", advice{"the client may not use the authorization code flow", "the client's type at the IdP: native or desktop app", ExitRefused}},

	{"redirect_uri_mismatch", "", redirectURI}, // Google
	{"invalid_request invalid_redirect_uri", "redirect", redirectURI},
	{"invalid_request", "code_challenge", advice{"the IdP does not take PKCE with S256 from this client", "the client's PKCE setting at the IdP", ExitRefused}},
	{"invalid_request unsupported_response_type", "", advice{"the IdP does not take such a request from this client", "the client's settings at the IdP", ExitRefused}},

	{"invalid_scope", "", advice{"the IdP does not give this client one of the scopes", "login.scopes with the client's scopes at the IdP", ExitRefused}},
	{"invalid_grant", "", advice{"the code came too late, or was used before", "daypass login", ExitRefused}},
	{"server_error temporarily_unavailable", "", advice{"the IdP is in trouble just now", "try again in a minute", ExitFailed}},
}

var (
	clientSecret = advice{"the IdP wants a client secret (another?), or knows no such client",
		"client_secret of the login, or DAYPASS_CLIENT_SECRET; {aud} at the IdP", ExitRefused}
	redirectURI = advice{"the IdP has no such redirect URI for this client",
		"redirect_uri of the login with the client's list at the IdP", ExitRefused}
)
