package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

// What the app that OAuth knows at first goes with. Facebook numbers its apps.
const (
	oauthClientID     = "1234567890123456"
	oauthClientSecret = "sandbox-app-secret-that-is-none"
)

// OAuth is a plain OAuth 2.0 provider, as Facebook is one: no discovery, no ID token, no refresh
// token; access tokens that say nothing and that only the provider can tell the owner of (Inspect). It
// counts "authorize" (an app's requests to /dialog/oauth), "page" and "token" (/oauth/access_token).
// Its words for errors are Facebook's as developers have reported them. PKCE is asked of apps that have
// no secret (assumed).
type OAuth struct {
	server
	breakable // the faults of /oauth/access_token; a Fault without a Status is a 400

	// Clients by app ID; at first "1234567890123456", with the secret
	// "sandbox-app-secret-that-is-none", and "daypass", without one; both with any address on loopback.
	// Change before the first request.
	Clients map[string]Client
	// Users by name; at first alice and bob. Change before the first request.
	Users map[string]User
	// AutoSignIn is the user who signs in at once, without a page.
	AutoSignIn string
	// TokenLife is how long access tokens live; at first sixty days, as Facebook's do.
	TokenLife time.Duration

	grants  grantBook
	tickets tickets

	tokenMu sync.Mutex
	tokens  map[string]accessToken
}

type accessToken struct {
	appID, userID string
	until         time.Time
}

// NewOAuth starts a provider. Close ends it.
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

// Inspect says whose an access token is and which app it was given to: what AWS asks Facebook, and
// what Facebook calls debug_token. It is not ok for a token that is unknown or expired.
func (o *OAuth) Inspect(accessToken string) (appID, userID string, ok bool) {
	o.tokenMu.Lock()
	defer o.tokenMu.Unlock()
	t, known := o.tokens[accessToken]
	if !known || !o.Now().Before(t.until) {
		return "", "", false
	}
	return t.appID, t.userID, true
}

// dialog asks who the person is, and posts back to itself.
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

// answerDialog lets a person in who pressed a button or signs in by themselves, and asks otherwise.
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
		answer.accept(w, r, o.grants.issueCode(agreed(form, ssoSession{user: user, at: o.Now()}), o.Now()))
	default:
		card{Title: "Who are you?", App: form.Get("client_id"), Wants: wants(dialogScopes(form)),
			Users: choices(o.Users, ""), Action: "/dialog/oauth", ReturnTo: answer.redirectURI,
			Ticket: o.tickets.issue(w, r, &o.server, "/dialog/oauth", form, o.Now())}.show(w, http.StatusOK)
	}
}

// dialogScopes are separated by commas or spaces; public_profile is always among them.
func dialogScopes(form url.Values) []string {
	scopes := []string{"public_profile"}
	for _, scope := range strings.FieldsFunc(form.Get("scope"), func(r rune) bool { return r == ',' || r == ' ' }) {
		if scope != "public_profile" {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// faultOfDialog says what is wrong with a request. response_type may be left out.
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

// accessToken redeems a code; the parameters come as a form or in the query.
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

// graphError is Facebook's refusal: error is an object, not RFC 6749's word.
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
