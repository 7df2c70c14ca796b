package sandbox

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/daypass/daypass/pkg/secret"
)

// tokenJSON is the token endpoint's answer (RFC 6749 §5.1, OIDC Core §3.1.3.3).
type tokenJSON struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	Scope        string `json:"scope,omitempty"`
}

// oauthErrorJSON is its refusal (RFC 6749 §5.2).
type oauthErrorJSON struct {
	Error       string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

func refuseOAuth(w http.ResponseWriter, status int, code, description string) {
	writeJSON(w, status, oauthErrorJSON{code, description})
}

// token is the token endpoint: a code or a refresh token goes in.
func (p *IdP) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		refuseOAuth(w, http.StatusBadRequest, "invalid_request", "The form cannot be read.")
		return
	}
	grantType := r.PostForm.Get("grant_type")
	p.count("token:" + grantType)
	knobs := p.currentKnobs()
	if !p.wait(r.Context(), knobs.Delay) || knobs.fails(w) {
		return
	}
	client, ok := p.clientOf(r)
	if !ok {
		w.Header().Set("WWW-Authenticate", "Basic")
		refuseOAuth(w, http.StatusUnauthorized, "invalid_client", "The client is unknown or its secret is wrong.")
		return
	}
	var family *family
	var fault string
	switch form := r.PostForm; grantType {
	case "authorization_code":
		family, fault = p.grants.redeem(form.Get("code"), client.ID, form.Get("redirect_uri"), form.Get("code_verifier"), p.Now())
	case "refresh_token":
		family, fault = p.grants.renew(form.Get("refresh_token"), client.ID)
	default:
		refuseOAuth(w, http.StatusBadRequest, "unsupported_grant_type", "")
		return
	}
	if fault != "" {
		refuseOAuth(w, http.StatusBadRequest, "invalid_grant", fault)
		return
	}
	p.answerToken(w, family, grantType == "refresh_token", knobs)
}

// fails answers for the knobs of the token endpoint that break it.
func (k Knobs) fails(w http.ResponseWriter) bool {
	switch {
	case k.TokenError != "":
		refuseOAuth(w, http.StatusBadRequest, k.TokenError, "A knob says so.")
	case k.TokenStatus != 0:
		http.Error(w, "<html>out of order", k.TokenStatus)
	default:
		return false
	}
	return true
}

func (p *IdP) answerToken(w http.ResponseWriter, f *family, renewed bool, knobs Knobs) {
	answer := tokenJSON{
		AccessToken: random(24),
		TokenType:   "Bearer",
		ExpiresIn:   int(knobs.TokenLife.Seconds()),
		Scope:       strings.Join(f.scopes, " "),
	}
	if !knobs.NoIDToken && !(renewed && knobs.RefreshNoIDToken) {
		idToken, err := p.idToken(f.signIn, answer.AccessToken, renewed, knobs)
		if err != nil {
			refuseOAuth(w, http.StatusInternalServerError, "server_error", "The token could not be signed.")
			return
		}
		answer.IDToken = idToken
	}
	if f.offline && !knobs.NoRefreshToken && !(renewed && knobs.NoRotation) {
		answer.RefreshToken = p.grants.rotate(f)
	}
	writeJSON(w, http.StatusOK, answer)
}

// revoke is RFC 7009: an unknown token is no error, another client's is.
func (p *IdP) revoke(w http.ResponseWriter, r *http.Request) {
	p.count("revoke")
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if !p.wait(r.Context(), p.currentKnobs().Delay) {
		return
	}
	client, ok := p.clientOf(r)
	if !ok {
		refuseOAuth(w, http.StatusUnauthorized, "invalid_client", "")
		return
	}
	token := r.PostFormValue("token")
	if token == "" {
		refuseOAuth(w, http.StatusBadRequest, "invalid_request", "token is missing")
		return
	}
	if p.grants.revoke(token, client.ID) {
		refuseOAuth(w, http.StatusBadRequest, "invalid_grant", "The token is another client's.")
	}
}

// clientOf authenticates the client: HTTP Basic (form-encoded first, RFC 6749 §2.3.1) or the form;
// using both is refused, as the RFC says.
func (p *IdP) clientOf(r *http.Request) (Client, bool) {
	id, key := r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	if user, password, ok := r.BasicAuth(); ok {
		basicID, errID := url.QueryUnescape(user)
		basicKey, errKey := url.QueryUnescape(password)
		if key != "" || id != "" && id != basicID || errID != nil || errKey != nil {
			return Client{}, false
		}
		id, key = basicID, basicKey
	}
	client, ok := p.Clients[id]
	return client, ok && (client.Secret.IsZero() || client.Secret.Equal(secret.New(key)))
}
