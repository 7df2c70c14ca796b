package login

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"golang.org/x/oauth2"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// authRequest is what one authorization request sends and what its response must match (RFC 6749 §4.1, RFC 7636,
// OpenID Connect Core §3.1.2.1). Nothing here depends on how the response comes back from the browser.
type authRequest struct{ redirectURI, state, nonce, codeVerifier string }

// newAuthRequest makes secrets of at least 128 bits each.
func newAuthRequest(redirectURI string) authRequest {
	return authRequest{redirectURI: redirectURI, state: rand.Text(), nonce: rand.Text(), codeVerifier: oauth2.GenerateVerifier()}
}

// isReservedParam names the parameters of the authorization request that make the flow safe. A profile cannot set them.
func isReservedParam(name string) bool {
	return slices.Contains([]string{"response_type", "response_mode", "client_id", "redirect_uri", "scope", "state",
		"nonce", "code_challenge", "code_challenge_method", "request", "request_uri"}, name)
}

// authURL returns the URL of the authorization request.
func (l *Login) authURL(m metadata, r authRequest) string {
	config := &oauth2.Config{ClientID: l.ClientID, Endpoint: oauth2.Endpoint{AuthURL: m.AuthURL},
		RedirectURL: r.redirectURI, Scopes: l.scopes(m)}
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(r.codeVerifier), oauth2.SetAuthURLParam("nonce", r.nonce)}
	if l.LoginHint != "" {
		options = append(options, oauth2.SetAuthURLParam("login_hint", l.LoginHint))
	}
	if prompt := l.prompt(m); prompt != "" {
		options = append(options, oauth2.SetAuthURLParam("prompt", prompt))
	}
	for name, value := range l.AuthParams {
		options = append(options, oauth2.SetAuthURLParam(name, value))
	}
	return config.AuthCodeURL(r.state, options...)
}

func (l *Login) prompt(m metadata) string {
	switch {
	case l.Prompt != "":
		return l.Prompt
	case l.Again && l.AgainPrompt != "":
		return l.AgainPrompt
	case l.Again && slices.Contains(m.Prompts, "select_account"):
		return "select_account"
	case l.Again:
		return "login"
	case l.ConsentForRefresh:
		return "consent"
	}
	return ""
}

// scopes returns the scopes to request. It adds openid, without which there is no ID token. It adds offline_access if
// OfflineAccess is set and the IdP advertises it, unless access_type requests the same (OpenID Connect Core §11).
func (l *Login) scopes(m metadata) []string {
	scopes := slices.Clone(l.Scopes)
	if !slices.Contains(scopes, "openid") {
		scopes = slices.Insert(scopes, 0, "openid")
	}
	_, accessType := l.AuthParams["access_type"]
	const offline = "offline_access"
	if l.OfflineAccess && !accessType && slices.Contains(m.Scopes, offline) && !slices.Contains(scopes, offline) {
		scopes = append(scopes, offline)
	}
	return scopes
}

// authResponse is an authorization response that has the state of its request (RFC 6749 §4.1.2).
type authResponse struct {
	code, errorCode, description string
	issuer                       string
	hasIssuer                    bool
}

// parseResponse reads the query with which the IdP sends the browser to the redirect URI. ok is false unless it has
// the state of this request, either a code or an error, and no parameter twice (RFC 6749 §3.1).
func (r authRequest) parseResponse(query string) (_ authResponse, ok bool) {
	values, err := url.ParseQuery(query)
	if err != nil || !equal(values.Get("state"), r.state) {
		return authResponse{}, false
	}
	for _, name := range []string{"state", "code", "error", "error_description", "iss"} {
		if len(values[name]) > 1 {
			return authResponse{}, false
		}
	}
	response := authResponse{code: values.Get("code"), errorCode: values.Get("error"), description: values.Get("error_description"),
		issuer: values.Get("iss"), hasIssuer: values.Has("iss")}
	return response, (response.code == "") != (response.errorCode == "")
}

// check compares the issuer (RFC 9207 §2.4) before it trusts anything else in the response.
func (r authResponse) check(m metadata) error {
	switch {
	case r.hasIssuer && r.issuer != m.Issuer:
		return fmt.Errorf("the authorization response is from the issuer %q, not %q", sanitize.Short(r.issuer, maxDescription), m.Issuer)
	case !r.hasIssuer && m.SendsIssuer:
		return errors.New("the authorization response has no iss, which this identity provider always sends (RFC 9207)")
	case r.errorCode != "":
		return newIdPError(r.errorCode, r.description)
	}
	return nil
}

// complete checks the authorization response and redeems its code. An *IdPError contains the scopes that were
// requested.
func (idp *issuer) complete(ctx context.Context, request authRequest, response authResponse) (identity.Grant, error) {
	m, err := idp.discovery.wait(ctx)
	if err != nil {
		return identity.Grant{}, err
	}
	if err = response.check(m); err == nil {
		var grant identity.Grant
		if grant, err = idp.redeem(ctx, m, request, response.code); err == nil {
			return grant, nil
		}
	}
	if idpErr, ok := errors.AsType[*IdPError](err); ok {
		idpErr.Scopes = idp.login.scopes(m)
	}
	return identity.Grant{}, err
}

// redeem exchanges the code for a grant, once (RFC 6749 §4.1.3, RFC 7636 §4.5).
func (idp *issuer) redeem(ctx context.Context, m metadata, r authRequest, code string) (identity.Grant, error) {
	response, _, err := idp.requestTokens(ctx, m, url.Values{"grant_type": {"authorization_code"}, "code": {code},
		"redirect_uri": {r.redirectURI}, "code_verifier": {r.codeVerifier}})
	if err != nil {
		return identity.Grant{}, fmt.Errorf("redeeming the code: %w", err)
	}
	return idp.newGrant(ctx, m, response, r.nonce)
}
