package remedy

import (
	"cmp"
	"errors"

	"github.com/daypass/daypass/pkg/internal/login"
)

// adviceForIdP is for the error responses of RFC 6749 §4.1.2.1 and §5.2 and of OpenID Connect Core §3.1.2.6.
func adviceForIdP(err error) (advice, bool) {
	e, ok := errors.AsType[*login.IdPError](err)
	if !ok {
		return advice{}, false
	}
	if found, ok := find(idpRules, e.Code, e.Description); ok {
		return found, true
	}
	return refusedUnknown, true
}

// remedyForDenied names the IdP and contains its description: a person or an administrator denied the sign-in.
func remedyForDenied(e *login.IdPError, asked Asked) Remedy {
	doing := cmp.Or(hostOnly(asked.Issuer), "the identity provider") + " denied the sign-in"
	if e.Description != "" {
		doing += ": " + e.Description
	}
	found, _ := find(idpRules, e.Code, e.Description)
	return Remedy{Doing: doing, Evidence: []Line{{Label: "answer", Text: e.Code}},
		Likely: found.likely, Compare: askedValues(asked).Replace(found.compare), ExitCode: found.exit}
}

var idpRules = []rule{
	{"access_denied", "", advice{
		likely:  "the sign-in was cancelled, or this account may not use this app",
		compare: "the users of {client} at the identity provider",
		exit:    ExitRefused,
	}},
	{"login_required interaction_required consent_required account_selection_required", "",
		advice{
			likely: "the identity provider requires a sign-in in the browser",
			try:    "daypass login{flags}",
			exit:   ExitSignInNeeded,
		}},

	{"invalid_client", "", clientSecret},
	{"invalid_request", "client_secret", clientSecret},          // Google
	{"unauthorized_client", "client credentials", clientSecret}, // Keycloak
	{"unauthorized_client", "", advice{
		likely:  "the client may not use the authorization code flow",
		compare: "the client's type at the identity provider: native or desktop app",
		exit:    ExitRefused,
	}},

	{"redirect_uri_mismatch", "", redirectURI}, // Google
	{"invalid_request invalid_redirect_uri", "redirect", redirectURI},
	{"invalid_request", "code_challenge", advice{
		likely:  "the identity provider does not accept PKCE with S256 from this client",
		compare: "the client's PKCE setting at the identity provider",
		exit:    ExitRefused,
	}},
	{"invalid_request unsupported_response_type", "", advice{
		likely:  "the identity provider does not accept this request from this client",
		compare: "the client's settings at the identity provider",
		exit:    ExitRefused,
	}},

	{"invalid_scope", "", advice{
		likely:  "the identity provider does not allow this client one of the scopes",
		compare: "login.scopes with the client's scopes at the identity provider",
		exit:    ExitRefused,
	}},
	{"invalid_grant", "", advice{likely: "the authorization code has expired, or has been used already", try: "daypass login{flags}", exit: ExitRefused}},
	{"temporarily_unavailable", "authentication_expired", // Keycloak
		advice{
			likely: "the sign-in page was open for too long",
			try:    "daypass login{flags}",
			exit:   ExitSignInNeeded,
		}},
	{"server_error temporarily_unavailable", "", advice{likely: "the identity provider has a temporary problem", try: againInAMinute, exit: ExitFailed}},
}

var (
	clientSecret = advice{
		likely:  "the client secret is missing or wrong, or the client does not exist",
		compare: "client_secret of the login, or DAYPASS_CLIENT_SECRET; {client} at the identity provider",
		exit:    ExitRefused,
	}
	redirectURI = advice{
		likely:  "the redirect URI is not registered for this client",
		compare: "redirect_uri of the login with the client's list at the identity provider",
		exit:    ExitRefused,
	}
)
