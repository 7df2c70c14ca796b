package remedy

import (
	"cmp"
	"errors"

	"github.com/daypass/daypass/pkg/internal/login"
)

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

// forDenied tells in the IdP's own words why it let nobody in.
func forDenied(e *login.IdPError, asked Asked) Remedy {
	doing := cmp.Or(hostOnly(asked.Issuer), "the identity provider") + " did not let you in"
	if e.Description != "" {
		doing += ": " + e.Description
	}
	found, _ := find(idpAnswers, e.Code, e.Description)
	return Remedy{Doing: doing, Evidence: []Line{{Label: "answer", Text: e.Code}},
		Likely: found.likely, Compare: askedValues(asked).Replace(found.compare), ExitCode: found.exit}
}

var idpAnswers = []answer{
	{"access_denied", "", advice{"the sign-in was cancelled, or this app is not for you",
		"who may use {client} at the identity provider", "", ExitRefused}},
	{"login_required interaction_required consent_required account_selection_required", "",
		advice{"the identity provider wants to see you in the browser", "", "daypass login{flags}", ExitSignInNeeded}},

	{"invalid_client", "", clientSecret},
	{"invalid_request", "client_secret", clientSecret},          // Google
	{"unauthorized_client", "client credentials", clientSecret}, // Keycloak
	{"unauthorized_client", "", advice{"the client may not use the authorization code flow",
		"the client's type at the identity provider: native or desktop app", "", ExitRefused}},

	{"redirect_uri_mismatch", "", redirectURI}, // Google
	{"invalid_request invalid_redirect_uri", "redirect", redirectURI},
	{"invalid_request", "code_challenge", advice{"the identity provider does not take PKCE with S256 from this client",
		"the client's PKCE setting at the identity provider", "", ExitRefused}},
	{"invalid_request unsupported_response_type", "", advice{"the identity provider does not take such a request from this client",
		"the client's settings at the identity provider", "", ExitRefused}},

	{"invalid_scope", "", advice{"the identity provider does not give this client one of the scopes",
		"the scopes with the client's at the identity provider; login.scopes asks for exactly what it names", "", ExitRefused}},
	{"invalid_grant", "", advice{"the code came too late, or was used before", "", "daypass login{flags}", ExitRefused}},
	{"temporarily_unavailable", "authentication_expired", // Keycloak
		advice{"the sign-in page was open for too long", "", "daypass login{flags}", ExitSignInNeeded}},
	{"server_error temporarily_unavailable", "", advice{"the identity provider is in trouble just now",
		"", againInAMinute, ExitFailed}},
}

var (
	clientSecret = advice{"the client secret is missing or wrong, or there is no such client",
		"client_secret of the login, or DAYPASS_CLIENT_SECRET; {client} at the identity provider", "", ExitRefused}
	redirectURI = advice{"the identity provider has no such redirect URI for this client",
		"redirect_uri of the login with the client's list at the identity provider", "", ExitRefused}
)
