package sandbox

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// app is an independent client of the IdP: x/oauth2 and go-oidc.
type app struct {
	t        *testing.T
	idp      *IdP
	config   oauth2.Config
	provider *oidc.Provider
	answer   url.Values // the authorization response at the redirect URI
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

// wantOAuthError checks the error code of the token endpoint.
func wantOAuthError(t *testing.T, what string, err error, want string) {
	t.Helper()
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.ErrorCode != want {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}
