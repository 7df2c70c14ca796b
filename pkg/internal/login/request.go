package login

import (
	"context"
	"slices"

	"golang.org/x/oauth2"
)

// ownParam names the parameters of the authorization request that carry the flow's safety, and which
// no profile or preset may replace.
func ownParam(name string) bool {
	return slices.Contains([]string{"response_type", "response_mode", "client_id", "redirect_uri", "scope", "state",
		"nonce", "code_challenge", "code_challenge_method", "request", "request_uri"}, name)
}

// authURL is the authorization request (OpenID Connect Core §3.1.2.1, RFC 7636 §4.3).
func (l *Login) authURL(ctx context.Context, idp *issuer, a *attempt) (string, error) {
	m, err := idp.discovery.wait(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(a.codeVerifier), oauth2.SetAuthURLParam("nonce", a.nonce)}
	if l.LoginHint != "" {
		options = append(options, oauth2.SetAuthURLParam("login_hint", l.LoginHint))
	}
	if prompt := l.prompt(m); prompt != "" {
		options = append(options, oauth2.SetAuthURLParam("prompt", prompt))
	}
	for name, value := range l.AuthParams {
		options = append(options, oauth2.SetAuthURLParam(name, value))
	}
	return l.config(m, a.port.redirectURI()).AuthCodeURL(a.state, options...), nil
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

func (l *Login) config(m metadata, redirectURI string) *oauth2.Config {
	return &oauth2.Config{
		ClientID:    l.ClientID,
		Endpoint:    oauth2.Endpoint{AuthURL: m.AuthURL},
		RedirectURL: redirectURI,
		Scopes:      l.scopes(m),
	}
}

// scopes adds openid, without which there is no ID token, and offline_access where that is wanted, the IdP has it
// and no access_type asks for the same (OpenID Connect Core §11).
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
