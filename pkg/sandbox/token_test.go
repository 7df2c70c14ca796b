package sandbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/daypass/daypass/pkg/secret"
)

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

// Using a code twice revokes what the first use was given.
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
		t.Errorf("the refreshed token: %v, %v", id, err)
	}
	_, err = a.renew(first.RefreshToken)
	wantOAuthError(t, "the old refresh token", err, "invalid_grant")
	_, err = a.renew(second.RefreshToken)
	wantOAuthError(t, "the rotated token after reuse", err, "invalid_grant")
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
		t.Error("NoRefreshToken: one was issued")
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
		t.Errorf("RefreshNoIDToken: %v, ID token: %t", err, renewed.Extra("id_token") != nil)
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

// The scope of a refresh request, and the knobs that change its effect.
func TestRefreshScope(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	a := newApp(t, p)
	p.Set(func(k *Knobs) { k.NoRotation = true })
	token := a.redeem()
	for name, row := range map[string]struct {
		knobs   Knobs
		scope   string
		wantErr string
		wantID  bool
	}{
		"none":                       {Knobs{}, "", "", true},
		"granted":                    {Knobs{}, "openid", "", true},
		"not granted":                {Knobs{}, "openid admin", "invalid_scope", false},
		"RefreshNeedsOpenID, none":   {Knobs{RefreshNeedsOpenID: true}, "", "", false},
		"RefreshNeedsOpenID, openid": {Knobs{RefreshNeedsOpenID: true}, "openid", "", true},
		"RefreshScopeError, none":    {Knobs{RefreshScopeError: "invalid_request"}, "", "", true},
		"RefreshScopeError, openid":  {Knobs{RefreshScopeError: "invalid_request"}, "openid", "invalid_request", false},
		"RefreshAnswer":              {Knobs{RefreshAnswer: Answer{403, "text/html", `{"error":"x"}`}}, "", "x", false},
	} {
		p.Set(func(k *Knobs) {
			row.knobs.NoRotation, row.knobs.TokenLife = true, time.Hour
			*k = row.knobs
		})
		form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token.RefreshToken}, "client_id": {"daypass"}}
		if row.scope != "" {
			form.Set("scope", row.scope)
		}
		resp, err := http.PostForm(p.URL()+"/token", form)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Error   string `json:"error"`
			IDToken string `json:"id_token"`
		}
		err = json.NewDecoder(resp.Body).Decode(&got)
		resp.Body.Close()
		if err != nil || got.Error != row.wantErr || (got.IDToken != "") != row.wantID {
			t.Errorf("%s: %d, error %q, an ID token: %t (%v); want %q, %t", name, resp.StatusCode, got.Error, got.IDToken != "", err, row.wantErr, row.wantID)
		}
	}
}

// Only a request for offline access gets a refresh token.
func TestOfflineAccess(t *testing.T) {
	t.Parallel()
	a := newApp(t, newIdP(t))
	a.config.Scopes = []string{"openid"}
	if token := a.redeem(); token.RefreshToken != "" {
		t.Error("a refresh token was issued without offline access")
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
