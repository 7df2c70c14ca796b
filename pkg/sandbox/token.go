package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/daypass/daypass/pkg/secret"
)

// tokenJSON is the token response (RFC 6749 §5.1, OIDC Core §3.1.3.3).
type tokenJSON struct {
	AccessToken  string  `json:"access_token,omitempty"`
	TokenType    string  `json:"token_type"`
	ExpiresIn    float64 `json:"expires_in"`
	RefreshToken string  `json:"refresh_token,omitempty"`
	IDToken      string  `json:"id_token,omitempty"`
	Scope        string  `json:"scope,omitempty"`
}

// oauthErrorJSON is the error response (RFC 6749 §5.2).
type oauthErrorJSON struct {
	Error       string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

func refuseOAuth(w http.ResponseWriter, status int, code, description string) {
	logCode(w, code)
	logWhy(w, description)
	writeJSON(w, status, oauthErrorJSON{code, description})
}

// oauthFault is an error to be written.
type oauthFault struct {
	status            int
	code, description string
}

func badRequest(code, description string) *oauthFault {
	return &oauthFault{http.StatusBadRequest, code, description}
}

func invalidGrant(description string) *oauthFault { return badRequest("invalid_grant", description) }

func (f *oauthFault) write(w http.ResponseWriter) {
	if f.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Basic")
	}
	refuseOAuth(w, f.status, f.code, f.description)
}

// token is the token endpoint, for codes, refresh tokens and device codes.
func (p *IdP) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		refuseOAuth(w, http.StatusBadRequest, "invalid_request", "The form cannot be parsed.")
		return
	}
	grantType := r.PostForm.Get("grant_type")
	p.count("token:" + strings.TrimPrefix(grantType, "urn:ietf:params:oauth:grant-type:"))
	knobs := p.currentKnobs()
	if !p.wait(r.Context(), knobs.Delay) || knobs.fails(w, grantType) {
		return
	}
	client, fault := p.clientOf(r)
	if fault != nil {
		fault.write(w)
		return
	}
	family, fault := p.grant(client.ID, r.PostForm, knobs)
	if fault != nil {
		fault.write(w)
		return
	}
	if knobs.RefreshNeedsOpenID && !slices.Contains(strings.Fields(r.PostForm.Get("scope")), "openid") {
		knobs.RefreshNoIDToken = true
	}
	p.answerToken(w, family, grantType == "refresh_token", knobs)
}

// grant returns what the token request is entitled to.
func (p *IdP) grant(clientID string, form url.Values, knobs Knobs) (*family, *oauthFault) {
	var f *family
	var fault string
	switch form.Get("grant_type") {
	case "authorization_code":
		f, fault = p.grants.redeem(form.Get("code"), clientID, form.Get("redirect_uri"), form.Get("code_verifier"), p.now())
	case "refresh_token":
		if fault := p.faultOfScope(form, knobs); fault != nil {
			return nil, fault
		}
		f, fault = p.grants.renew(form.Get("refresh_token"), clientID, knobs.NoRotation || knobs.NoRefreshToken)
	case deviceGrantType:
		if knobs.Error != "" {
			return nil, badRequest(knobs.Error, knobs.ErrorDescription)
		}
		s, fault := p.devices.poll(form.Get("device_code"), clientID, p.now())
		return &family{signIn: s}, fault
	default:
		return nil, badRequest("unsupported_grant_type", "")
	}
	if fault != "" {
		return nil, invalidGrant(fault)
	}
	return f, nil
}

// faultOfScope checks, before the token is used, that the scope of a refresh request does not exceed the granted one
// (RFC 6749 §6).
func (p *IdP) faultOfScope(form url.Values, knobs Knobs) *oauthFault {
	asked, granted := strings.Fields(form.Get("scope")), p.grants.scopesOf(form.Get("refresh_token"))
	exceeds := func(scope string) bool { return !slices.Contains(granted, scope) }
	switch {
	case len(asked) == 0 || len(granted) == 0:
		return nil
	case knobs.RefreshScopeError != "":
		return badRequest(knobs.RefreshScopeError, "Simulated error.")
	case slices.ContainsFunc(asked, exceeds):
		return badRequest("invalid_scope", "The scope exceeds what was granted.")
	}
	return nil
}

// fails responds for the knobs that break the token endpoint, and reports whether it did.
func (k Knobs) fails(w http.ResponseWriter, grantType string) bool {
	if grantType == "refresh_token" && k.RefreshAnswer.Status != 0 {
		k.RefreshAnswer.write(w)
		return true
	}
	if k.TokenError != "" {
		refuseOAuth(w, http.StatusBadRequest, k.TokenError, "Simulated error.")
		return true
	}
	return writeBroken(w, k.TokenStatus)
}

func (p *IdP) answerToken(w http.ResponseWriter, f *family, renewed bool, knobs Knobs) {
	answer := tokenJSON{
		AccessToken: random(24),
		TokenType:   "Bearer",
		ExpiresIn:   knobs.TokenLife.Seconds(),
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
	if knobs.BareAnswer {
		answer.AccessToken, answer.ExpiresIn = "", answer.ExpiresIn+0.5
		writeJSONAs(w, "text/plain", http.StatusOK, answer)
		return
	}
	writeJSON(w, http.StatusOK, answer)
}

// revoke is the revocation endpoint (RFC 7009). An unknown token is not an error; another client's is.
func (p *IdP) revoke(w http.ResponseWriter, r *http.Request) {
	p.count("revoke")
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if !p.wait(r.Context(), p.currentKnobs().Delay) {
		return
	}
	client, fault := p.clientOf(r)
	if fault != nil {
		fault.write(w)
		return
	}
	token := r.PostFormValue("token")
	if token == "" {
		refuseOAuth(w, http.StatusBadRequest, "invalid_request", "token is missing")
		return
	}
	if p.grants.revoke(token, client.ID) {
		refuseOAuth(w, http.StatusBadRequest, "invalid_grant", "The token was issued to another client.")
	}
}

// clientOf authenticates the client by HTTP Basic (form-encoded first, RFC 6749 §2.3.1) or by the form. Using both is
// refused, as the RFC requires. A missing secret has Google's error text.
func (p *IdP) clientOf(r *http.Request) (Client, *oauthFault) {
	id, key := r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	unknown := &oauthFault{http.StatusUnauthorized, "invalid_client", "The client is unknown or its secret is wrong."}
	if user, password, ok := r.BasicAuth(); ok {
		basicID, errID := url.QueryUnescape(user)
		basicKey, errKey := url.QueryUnescape(password)
		if key != "" || id != "" && id != basicID || errID != nil || errKey != nil {
			return Client{}, unknown
		}
		id, key = basicID, basicKey
	}
	client, known := p.Clients[id]
	switch {
	case !known:
		return Client{}, unknown
	case client.Secret.IsZero(), client.Secret.Equal(secret.New(key)):
		return client, nil
	case key == "":
		return Client{}, badRequest("invalid_request", "client_secret is missing.")
	}
	return Client{}, unknown
}
