package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

// The credentials of the default app. Facebook's app IDs are numbers.
const (
	oauthClientID     = "1234567890123456"
	oauthClientSecret = "sandbox-app-secret-that-is-none"
)

// OAuth is an OAuth 2.0 provider without OpenID Connect, as Facebook is one: it has no discovery, ID tokens or
// refresh tokens. Its access tokens are opaque, and only the provider can say who owns them (Inspect). Error texts
// are Facebook's as developers have reported them. PKCE is required of apps without a secret (assumed).
//
// Count counts "authorize" (an app's requests to /dialog/oauth), "page" and "token" (/oauth/access_token).
type OAuth struct {
	server
	breakable // of /oauth/access_token; a Fault without Status is a 400

	// Clients are the registered apps by app ID. The defaults are "1234567890123456", with the secret
	// "sandbox-app-secret-that-is-none", and "daypass", without one; both may use any loopback address. Change them
	// only before the first request.
	Clients map[string]Client
	// Users are the users by name. The defaults are alice and bob. Change them only before the first request.
	Users map[string]User
	// AutoSignIn is the user who signs in at once, without a page.
	AutoSignIn string
	// TokenLife is the lifetime of access tokens: sixty days by default, as at Facebook.
	TokenLife time.Duration

	grants  grantStore
	tickets tickets

	tokenMu sync.Mutex
	tokens  map[string]accessToken
}

type accessToken struct {
	appID, userID string
	until         time.Time
}

// NewOAuth starts a provider on 127.0.0.1. Call Close when done.
func NewOAuth() (*OAuth, error) { return startOAuth(0) }

func startOAuth(port int) (*OAuth, error) {
	o := &OAuth{
		Clients: map[string]Client{
			oauthClientID:  secretClient(oauthClientID, secret.New(oauthClientSecret)),
			nativeClientID: nativeClient(nativeClientID),
		},
		Users: map[string]User{
			"alice": {Subject: "10220000000000017", Email: "alice@example.com", Name: "Alice Example"},
			"bob":   {Subject: "10220000000000029", Email: "bob@example.com", Name: "Bob Example"},
		},
		TokenLife: 60 * 24 * time.Hour,
		tokens:    map[string]accessToken{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /dialog/oauth", o.dialog)
	mux.HandleFunc("POST /dialog/oauth", o.dialog)
	mux.HandleFunc("GET /oauth/access_token", o.accessToken)
	mux.HandleFunc("POST /oauth/access_token", o.accessToken)
	if err := o.start(mux, port); err != nil {
		return nil, err
	}
	return o, nil
}

// Inspect returns the app that an access token was issued to, and its user: what AWS asks Facebook, and Facebook's
// debug_token endpoint returns. ok is false for an unknown or expired token.
func (o *OAuth) Inspect(accessToken string) (appID, userID string, ok bool) {
	o.tokenMu.Lock()
	defer o.tokenMu.Unlock()
	t, known := o.tokens[accessToken]
	if !known || !o.Now().Before(t.until) {
		return "", "", false
	}
	return t.appID, t.userID, true
}

// dialog is the sign-in dialog. Its page posts back to it.
func (o *OAuth) dialog(w http.ResponseWriter, r *http.Request) {
	form, pressed, ok := o.tickets.request(w, r, &o.server, o.Now())
	o.countRequest(pressed)
	if !ok {
		return
	}
	if fault := faultOfReturn(o.Clients, form); fault != "" {
		failure(fault).show(w, http.StatusBadRequest)
		return
	}
	client := o.Clients[form.Get("client_id")]
	answer := authorizationAnswer{redirectURI: form.Get("redirect_uri"), state: form.Get("state")}
	if fault, description := client.faultOfDialog(form); fault != "" {
		answer.refuse(w, r, fault, description)
		return
	}
	o.answerDialog(w, r, form, answer, pressed)
}

// answerDialog signs the user in who pressed a button or is AutoSignIn, and shows the page otherwise.
func (o *OAuth) answerDialog(w http.ResponseWriter, r *http.Request, form url.Values, answer authorizationAnswer, pressed bool) {
	name := o.AutoSignIn
	if pressed {
		name = r.PostForm.Get("user")
	}
	user, named := o.Users[name]
	switch {
	case pressed && r.PostForm.Has("cancel"):
		answer.send(w, r, url.Values{"error": {"access_denied"}, "error_reason": {"user_denied"}, "error_description": {"Permissions error"}})
	case named:
		answer.accept(w, r, o.grants.issueCode(newSignIn(form, ssoSession{user: user, at: o.Now()}), o.Now()))
	default:
		card{Title: "Who are you?", App: form.Get("client_id"), Wants: wants(dialogScopes(form)),
			Users: choices(o.Users, ""), Action: "/dialog/oauth", ReturnTo: answer.redirectURI,
			Ticket: o.tickets.issue(w, r, &o.server, "/dialog/oauth", form, o.Now())}.show(w, http.StatusOK)
	}
}

// dialogScopes returns the scopes, which are separated by commas or spaces; public_profile is always one of them.
func dialogScopes(form url.Values) []string {
	scopes := []string{"public_profile"}
	for _, scope := range strings.FieldsFunc(form.Get("scope"), func(r rune) bool { return r == ',' || r == ' ' }) {
		if scope != "public_profile" {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// faultOfDialog says what is wrong with a request. response_type is optional.
func (c Client) faultOfDialog(form url.Values) (code, description string) {
	challenge := form.Get("code_challenge")
	switch {
	case form.Get("response_type") != "code" && form.Has("response_type"):
		return "unsupported_response_type", "response_type must be code."
	case challenge != "" && (form.Get("code_challenge_method") != "S256" || len(challenge) != 43),
		challenge == "" && c.Secret.IsZero():
		return "invalid_request", "A code_challenge with the method S256 is required."
	}
	return "", ""
}

// accessToken redeems a code. The parameters are in a form or in the query.
func (o *OAuth) accessToken(w http.ResponseWriter, r *http.Request) {
	o.count("token")
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	fault := o.failing()
	if !o.wait(r.Context(), fault.Delay) {
		return
	}
	if err := fault.awsError(); err != nil {
		graphError{err.Message, err.Code, 2}.write(w, err.Status)
		return
	}
	client, known := o.Clients[r.FormValue("client_id")]
	if !known {
		graphError{"Error validating application. Invalid application ID.", "OAuthException", 101}.write(w, http.StatusBadRequest)
		return
	}
	if !client.Secret.IsZero() && !client.Secret.Equal(secret.New(r.FormValue("client_secret"))) {
		graphError{"Error validating client secret.", "OAuthException", 1}.write(w, http.StatusBadRequest)
		return
	}
	f, reason := o.grants.redeem(r.FormValue("code"), client.ID, r.FormValue("redirect_uri"), r.FormValue("code_verifier"), o.Now())
	if reason != "" {
		graphError{"Error validating verification code: " + reason + ".", "OAuthException", 100}.write(w, http.StatusBadRequest)
		return
	}
	writeJSON(w, http.StatusOK, tokenJSON{AccessToken: o.issue(f.signIn), TokenType: "bearer", ExpiresIn: o.TokenLife.Seconds()})
}

func (o *OAuth) issue(s signIn) string {
	o.tokenMu.Lock()
	defer o.tokenMu.Unlock()
	value := "EAA" + random(48)
	o.tokens[value] = accessToken{s.clientID, s.user.Subject, o.Now().Add(o.TokenLife)}
	return value
}

// graphError is Facebook's error response. Its error member is an object, unlike RFC 6749's string.
type graphError struct {
	Message string `json:"message"`
	Type    string `json:"type"`
	Code    int    `json:"code"`
}

func (e graphError) write(w http.ResponseWriter, status int) {
	logCode(w, e.Type)
	logWhy(w, e.Message)
	writeJSON(w, status, struct {
		Error graphError `json:"error"`
	}{e})
}
