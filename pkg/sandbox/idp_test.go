package sandbox

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/daypass/daypass/pkg/secret"
)

// app is a client of the IdP as another author would write it: x/oauth2 and go-oidc.
type app struct {
	t        *testing.T
	idp      *IdP
	config   oauth2.Config
	provider *oidc.Provider
	answer   url.Values // what came back to the redirect URI
}

func newIdP(t *testing.T) *IdP {
	t.Helper()
	p, err := NewIdP()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	p.Set(func(k *Knobs) { k.AutoSignIn = "alice" })
	return p
}

func newApp(t *testing.T, p *IdP) *app {
	t.Helper()
	a := &app{t: t, idp: p}
	callback := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.answer = r.URL.Query()
		w.Write([]byte("thank you"))
	}))
	t.Cleanup(callback.Close)
	var err error
	if a.provider, err = oidc.NewProvider(t.Context(), p.URL()); err != nil {
		t.Fatal(err)
	}
	a.config = oauth2.Config{ClientID: "daypass", RedirectURL: callback.URL + "/cb?keep=1", Endpoint: a.provider.Endpoint(),
		Scopes: []string{"openid", "email", "offline_access"}}
	a.config.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	return a
}

const (
	verifier = "a-code-verifier-of-at-least-forty-three-characters"
	state    = "the state"
	nonce    = "the nonce"
)

func (a *app) authURL(options ...oauth2.AuthCodeOption) string {
	usual := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier), oidc.Nonce(nonce)}
	return a.config.AuthCodeURL(state, append(usual, options...)...)
}

// code signs in and returns the code.
func (a *app) code() string {
	a.t.Helper()
	page, status, err := Browse(a.t.Context(), nil, a.authURL())
	if err != nil || status != http.StatusOK || page != "thank you" {
		a.t.Fatalf("Browse = %q, %d, %v, want the callback's page", page, status, err)
	}
	return a.answer.Get("code")
}

func (a *app) redeem() *oauth2.Token {
	a.t.Helper()
	token, err := a.config.Exchange(a.t.Context(), a.code(), oauth2.VerifierOption(verifier))
	if err != nil {
		a.t.Fatal(err)
	}
	return token
}

func (a *app) renew(refreshToken string) (*oauth2.Token, error) {
	return a.config.TokenSource(a.t.Context(), &oauth2.Token{RefreshToken: refreshToken}).Token()
}

func (a *app) verify(token *oauth2.Token) (*oidc.IDToken, error) {
	raw, _ := token.Extra("id_token").(string)
	return a.provider.Verifier(&oidc.Config{ClientID: a.config.ClientID}).Verify(a.t.Context(), raw)
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	a := newApp(t, p)
	token := a.redeem()
	if a.answer.Get("state") != state || a.answer.Get("iss") != p.URL() || a.answer.Get("keep") != "1" {
		t.Errorf("the callback got %v, want state, iss and its own query", a.answer)
	}
	id, err := a.verify(token)
	if err != nil {
		t.Fatal(err)
	}
	if want := p.Users["alice"].Subject; id.Subject != want || id.Nonce != nonce {
		t.Errorf("sub, nonce = %q, %q, want %q, %q", id.Subject, id.Nonce, want, nonce)
	}
	if err := id.VerifyAccessToken(token.AccessToken); err != nil {
		t.Errorf("at_hash: %v", err)
	}
	var claims struct{ Email string }
	if err := id.Claims(&claims); err != nil || claims.Email != "alice@example.com" {
		t.Errorf("email = %q, %v", claims.Email, err)
	}
	for _, name := range []string{"discovery", "jwks", "authorize", "token:authorization_code"} {
		if got := p.Count(name); got != 1 {
			t.Errorf("Count(%q) = %d, want 1", name, got)
		}
	}
}

// A token of each algorithm is accepted by go-oidc, and a rotated key is found.
func TestAlgorithms(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	for _, alg := range []string{"", "ES256", "PS256", "EdDSA", "ES384"} {
		p.Set(func(k *Knobs) { k.Alg = alg })
		a := newApp(t, p)
		id, err := a.verify(a.redeem())
		if err != nil || alg != "" && id.Subject == "" {
			t.Errorf("alg %q: %v", alg, err)
		}
		p.RotateKey()
		token := a.redeem()
		if id, err = a.verify(token); err != nil {
			t.Errorf("alg %q after rotation: %v", alg, err)
		} else if err = id.VerifyAccessToken(token.AccessToken); err != nil {
			t.Errorf("alg %q: at_hash: %v", alg, err)
		}
	}
}

func TestTokenKnobs(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	a := newApp(t, p)
	for name, knob := range map[string]func(*Knobs){
		"WrongAudience": func(k *Knobs) { k.WrongAudience = true },
		"WrongIssuer":   func(k *Knobs) { k.WrongIssuer = true },
		"WrongKey":      func(k *Knobs) { k.WrongKey = true },
		"AlgNone":       func(k *Knobs) { k.AlgNone = true },
		"Expired":       func(k *Knobs) { k.Expired = true },
		"NoIDToken":     func(k *Knobs) { k.NoIDToken = true },
	} {
		p.Set(func(k *Knobs) { *k = Knobs{AutoSignIn: "alice", TokenLife: time.Hour}; knob(k) })
		if _, err := a.verify(a.redeem()); err == nil {
			t.Errorf("%s: the token is accepted", name)
		}
	}
	p.Set(func(k *Knobs) {
		*k = Knobs{AutoSignIn: "alice", TokenLife: time.Hour, WrongNonce: true, WrongAtHash: true, WrongAzp: true}
	})
	token := a.redeem()
	id, err := a.verify(token)
	if err != nil {
		t.Fatal(err)
	}
	if id.Nonce == nonce || id.VerifyAccessToken(token.AccessToken) == nil || len(id.Audience) != 2 {
		t.Errorf("nonce, at_hash or aud are right: %v", id)
	}
}

// wantOAuthError checks the code of an error of the token endpoint.
func wantOAuthError(t *testing.T, what string, err error, want string) {
	t.Helper()
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.ErrorCode != want {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}

func TestCodeIsRefused(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	a := newApp(t, p)
	ctx := t.Context()

	code := a.code()
	_, err := a.config.Exchange(ctx, code, oauth2.VerifierOption(verifier+"x"))
	wantOAuthError(t, "wrong verifier", err, "invalid_grant")
	_, err = a.config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	wantOAuthError(t, "a second try", err, "invalid_grant")

	code = a.code()
	_, err = a.config.Exchange(ctx, code)
	wantOAuthError(t, "no verifier", err, "invalid_grant")

	code = a.code()
	_, err = a.config.Exchange(ctx, code, oauth2.VerifierOption(verifier), oauth2.SetAuthURLParam("redirect_uri", "http://127.0.0.1/other"))
	wantOAuthError(t, "another redirect_uri", err, "invalid_grant")

	code = a.code()
	other := a.config
	other.ClientID = "stranger"
	_, err = other.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	wantOAuthError(t, "unknown client", err, "invalid_client")
}

func TestCodeAge(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	var late atomic.Int64
	p.Now = func() time.Time { return time.Now().Add(time.Duration(late.Load())) }
	a := newApp(t, p)
	code := a.code()
	late.Store(int64(codeLife))
	_, err := a.config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	wantOAuthError(t, "a code of a minute ago", err, "invalid_grant")
}

// Using a code twice revokes what the first use gave.
func TestCodeReuseRevokes(t *testing.T) {
	t.Parallel()
	a := newApp(t, newIdP(t))
	code := a.code()
	token, err := a.config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	wantOAuthError(t, "the second use", err, "invalid_grant")
	_, err = a.renew(token.RefreshToken)
	wantOAuthError(t, "its refresh token", err, "invalid_grant")
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	a := newApp(t, p)
	first := a.redeem()
	second, err := a.renew(first.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if second.RefreshToken == "" || second.RefreshToken == first.RefreshToken {
		t.Error("the refresh token was not rotated")
	}
	if id, err := a.verify(second); err != nil || id.Nonce != "" || id.Subject != p.Users["alice"].Subject {
		t.Errorf("the renewed token: %v, %v", id, err)
	}
	_, err = a.renew(first.RefreshToken)
	wantOAuthError(t, "the old refresh token", err, "invalid_grant")
	_, err = a.renew(second.RefreshToken)
	wantOAuthError(t, "its kin after reuse", err, "invalid_grant")
	if got := p.Count("token:refresh_token"); got != 3 {
		t.Errorf("Count = %d, want 3", got)
	}
}

// A refresh token belongs to its client (RFC 6749 §6, RFC 7009 §2.1).
func TestRefreshTokenOfAnotherClient(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	p.Clients["third"] = Client{ID: "third"}
	a := newApp(t, p)
	token := a.redeem()
	other := *a
	other.config.ClientID = "third"
	_, err := other.renew(token.RefreshToken)
	wantOAuthError(t, "another client", err, "invalid_grant")
	resp, err := http.PostForm(p.URL()+"/revoke", url.Values{"token": {token.RefreshToken}, "client_id": {"third"}})
	if err != nil || resp.StatusCode != http.StatusBadRequest {
		t.Errorf("revoking another client's token: %v, %v, want 400", resp, err)
	}
	resp.Body.Close()
	if _, err := a.renew(token.RefreshToken); err != nil {
		t.Errorf("its own client: %v", err)
	}
}

func TestRefreshKnobs(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	a := newApp(t, p)
	p.Set(func(k *Knobs) { k.NoRefreshToken = true })
	if token := a.redeem(); token.RefreshToken != "" {
		t.Error("NoRefreshToken: one was given")
	}
	p.Set(func(k *Knobs) { k.NoRefreshToken, k.NoRotation, k.RefreshSubject = false, true, "mallory" })
	token := a.redeem()
	for range 2 {
		renewed, err := a.renew(token.RefreshToken)
		if err != nil {
			t.Fatal(err)
		}
		if id, err := a.verify(renewed); err != nil || id.Subject != "mallory" {
			t.Errorf("RefreshSubject: %v, %v", id, err)
		}
	}
	p.Set(func(k *Knobs) { k.RefreshNoIDToken = true })
	if renewed, err := a.renew(token.RefreshToken); err != nil || renewed.Extra("id_token") != nil {
		t.Errorf("RefreshNoIDToken: %v, an ID token came: %t", err, renewed.Extra("id_token") != nil)
	}
	p.Set(func(k *Knobs) { k.TokenError = "temporarily_unavailable" })
	_, err := a.renew(token.RefreshToken)
	wantOAuthError(t, "TokenError", err, "temporarily_unavailable")
	p.Set(func(k *Knobs) { k.TokenError, k.TokenStatus = "", http.StatusServiceUnavailable })
	var refused *oauth2.RetrieveError
	if _, err = a.renew(token.RefreshToken); !errors.As(err, &refused) || refused.Response.StatusCode != 503 {
		t.Errorf("TokenStatus: %v, want 503", err)
	}
}

// Only who asks for it gets a refresh token.
func TestOfflineAccess(t *testing.T) {
	t.Parallel()
	a := newApp(t, newIdP(t))
	a.config.Scopes = []string{"openid"}
	if token := a.redeem(); token.RefreshToken != "" {
		t.Error("a refresh token came unasked")
	}
	if _, _, err := Browse(t.Context(), nil, a.authURL(oauth2.AccessTypeOffline)); err != nil {
		t.Fatal(err)
	}
	token, err := a.config.Exchange(t.Context(), a.answer.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil || token.RefreshToken == "" {
		t.Errorf("access_type=offline: %v, no refresh token", err)
	}
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	a := newApp(t, p)
	token := a.redeem()
	for client, want := range map[string]int{"stranger": http.StatusUnauthorized, "daypass": http.StatusOK} {
		resp, err := http.PostForm(p.URL()+"/revoke", url.Values{"token": {token.RefreshToken}, "client_id": {client}})
		if err != nil || resp.StatusCode != want {
			t.Errorf("revoking as %s: %v, %v, want %d", client, resp, err, want)
		}
		resp.Body.Close()
	}
	_, err := a.renew(token.RefreshToken)
	wantOAuthError(t, "after revocation", err, "invalid_grant")
}

func TestClientSecret(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	p.Clients["web"] = Client{ID: "web", Secret: secret.New("s3cret&=+")}
	a := newApp(t, p)
	a.config.ClientID = "web"
	for _, style := range []oauth2.AuthStyle{oauth2.AuthStyleInParams, oauth2.AuthStyleInHeader} {
		a.config.Endpoint.AuthStyle = style
		for secret, right := range map[string]bool{"s3cret&=+": true, "wrong": false, "": false} {
			a.config.ClientSecret = secret
			_, err := a.config.Exchange(t.Context(), a.code(), oauth2.VerifierOption(verifier))
			if right != (err == nil) {
				t.Errorf("style %d, secret %q: %v", style, secret, err)
			}
		}
	}
}

func TestRedirectURIs(t *testing.T) {
	t.Parallel()
	loopback, listed := Client{}, Client{RedirectURIs: []string{"http://localhost:8400/callback"}}
	for uri, want := range map[string][2]bool{
		"http://127.0.0.1:1/x":               {true, false},
		"http://[::1]:1/":                    {true, false},
		"http://localhost:8400/callback":     {true, true},
		"http://localhost:8401/callback":     {true, false},
		"http://localhost:8400/callback?x=1": {true, false},
		"http://localhost.evil.example/":     {false, false},
		"http://127.0.0.1@evil.example/":     {false, false},
		"http://me@127.0.0.1/":               {false, false},
		"http://127.0.0.1/#x":                {false, false},
		"https://127.0.0.1/":                 {false, false},
		"javascript:alert(1)":                {false, false},
		"":                                   {false, false},
	} {
		if got := [2]bool{loopback.mayReturnTo(uri), listed.mayReturnTo(uri)}; got != want {
			t.Errorf("%q: %v, want %v", uri, got, want)
		}
	}
}

// What the browser brings back, knob by knob.
func TestAuthorizationAnswers(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	a := newApp(t, p)
	browse := func(knob func(*Knobs), options ...oauth2.AuthCodeOption) (string, int) {
		t.Helper()
		p.Set(func(k *Knobs) { *k = Knobs{TokenLife: time.Hour}; knob(k) })
		a.answer = nil
		page, status, err := Browse(t.Context(), nil, a.authURL(options...))
		if err != nil {
			t.Fatal(err)
		}
		return page, status
	}
	nothing := func(*Knobs) {}
	page, _ := browse(nothing)
	if !strings.Contains(page, `value="alice"`) || !strings.Contains(page, `value="bob"`) || a.answer != nil {
		t.Errorf("the page is %q, want buttons for alice and bob", page)
	}
	browse(nothing, oauth2.SetAuthURLParam("login_hint", "bob@example.com"))
	if a.answer.Get("code") == "" {
		t.Error("login_hint: no code")
	}
	browse(nothing, oauth2.SetAuthURLParam("prompt", "none"))
	if got := a.answer.Get("error"); got != "login_required" {
		t.Errorf("prompt=none: error = %q", got)
	}
	browse(func(k *Knobs) { k.Error, k.ErrorDescription = "access_denied", "no" })
	if a.answer.Get("error") != "access_denied" || a.answer.Get("error_description") != "no" || a.answer.Get("state") != state {
		t.Errorf("Error: %v", a.answer)
	}
	browse(func(k *Knobs) { k.AutoSignIn, k.WrongIss = "bob", true })
	if got := a.answer.Get("iss"); got == p.URL() || got == "" {
		t.Errorf("WrongIss: %q", got)
	}
	browse(func(k *Knobs) { k.AutoSignIn, k.MissingIss, k.WrongState = "bob", true, true })
	if a.answer.Has("iss") || a.answer.Get("state") == state {
		t.Errorf("MissingIss, WrongState: %v", a.answer)
	}
	if _, status := browse(nothing, oauth2.SetAuthURLParam("redirect_uri", "https://evil.example/")); status != 400 || a.answer != nil {
		t.Errorf("foreign redirect_uri: %d, %v", status, a.answer)
	}
	browse(nothing, oauth2.SetAuthURLParam("code_challenge_method", "plain"))
	if got := a.answer.Get("error"); got != "invalid_request" {
		t.Errorf("PKCE plain: error = %q", got)
	}
}

// onceSent is a context that calls then as soon as a request was sent.
func onceSent(ctx context.Context, then func()) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { then() }})
}

func TestSilentAndClose(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	a := newApp(t, p)
	p.Set(func(k *Knobs) { k.Silent = true })
	ctx, cancel := context.WithCancel(t.Context())
	if _, _, err := Browse(onceSent(ctx, cancel), nil, a.authURL()); !errors.Is(err, context.Canceled) {
		t.Errorf("Browse of a silent IdP = %v, want it cancelled", err)
	}
	if _, _, err := Browse(onceSent(t.Context(), func() { go p.Close() }), nil, a.authURL()); err == nil {
		t.Error("the closed IdP answered")
	}
}
