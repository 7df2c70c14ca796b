package sandbox

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

func newOAuth(t *testing.T) *OAuth {
	t.Helper()
	o, err := NewOAuth()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

// newOAuthApp returns a client in x/oauth2. The authorization response goes to answer.
func newOAuthApp(t *testing.T, o *OAuth) (config oauth2.Config, answer *url.Values) {
	answer = &url.Values{}
	callback := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { *answer = r.URL.Query() }))
	t.Cleanup(callback.Close)
	return oauth2.Config{
		ClientID: oauthClientID, ClientSecret: oauthClientSecret, RedirectURL: callback.URL + "/cb", Scopes: []string{"email"},
		Endpoint: oauth2.Endpoint{AuthURL: o.URL() + "/dialog/oauth", TokenURL: o.URL() + "/oauth/access_token", AuthStyle: oauth2.AuthStyleInParams},
	}, answer
}

func TestOAuth(t *testing.T) {
	t.Parallel()
	o := newOAuth(t)
	var late atomic.Int64
	o.Now = func() time.Time { return time.Now().Add(time.Duration(late.Load())) }
	for name, change := range map[string]func(*oauth2.Config){
		"secret":          func(*oauth2.Config) {},
		"PKCE, no secret": func(c *oauth2.Config) { c.ClientID, c.ClientSecret = nativeClientID, "" },
	} {
		config, answer := newOAuthApp(t, o)
		change(&config)
		var options, proof []oauth2.AuthCodeOption
		if config.ClientSecret == "" {
			options, proof = append(options, oauth2.S256ChallengeOption(verifier)), append(proof, oauth2.VerifierOption(verifier))
		}
		page, _, err := Browse(t.Context(), nil, config.AuthCodeURL(state, options...))
		if err != nil || !strings.Contains(page, "<code>public_profile</code>") || !strings.Contains(page, "<code>email</code>") {
			t.Errorf("%s: the page does not list the scopes: %v", name, err)
		}
		if _, _, err := BrowseAs(t.Context(), nil, config.AuthCodeURL(state, options...), "bob"); err != nil || answer.Get("state") != state || answer.Has("iss") {
			t.Fatalf("%s: %v, back at the app: %v", name, err, *answer)
		}
		token, err := config.Exchange(t.Context(), answer.Get("code"), proof...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if token.RefreshToken != "" || token.Extra("id_token") != nil || strings.Count(token.AccessToken, ".") != 0 {
			t.Errorf("%s: the response has more than an opaque access token", name)
		}
		appID, userID, ok := o.Inspect(token.AccessToken)
		if appID != config.ClientID || userID != o.Users["bob"].Subject || !ok {
			t.Errorf("%s: Inspect = %q, %q, %t", name, appID, userID, ok)
		}
		if _, _, ok := o.Inspect(token.AccessToken + "x"); ok {
			t.Error("Inspect accepts a token that was never issued")
		}
		if _, err := config.Exchange(t.Context(), answer.Get("code"), proof...); err == nil {
			t.Errorf("%s: the code was redeemed twice", name)
		}
		BrowseAs(t.Context(), nil, config.AuthCodeURL(state, options...), "bob")
		if len(proof) > 0 {
			proof = nil
		} else {
			proof = []oauth2.AuthCodeOption{oauth2.VerifierOption(verifier)}
		}
		if _, err := config.Exchange(t.Context(), answer.Get("code"), proof...); err == nil {
			t.Errorf("%s: a code_verifier is missing, or was sent without a challenge, and the code was accepted", name)
		}
		late.Store(int64(o.TokenLife))
		if _, _, ok := o.Inspect(token.AccessToken); ok {
			t.Errorf("%s: Inspect accepts an expired token", name)
		}
		late.Store(0)
	}
}

func TestOAuthDialogRefuses(t *testing.T) {
	t.Parallel()
	o := newOAuth(t)
	config, answer := newOAuthApp(t, o)
	if _, _, err := BrowseAs(t.Context(), nil, config.AuthCodeURL(state), ""); err != nil || answer.Get("error") != "access_denied" || answer.Get("error_reason") != "user_denied" {
		t.Errorf("Cancel: %v, %v", *answer, err)
	}
	for name, row := range map[string]struct {
		change func(*oauth2.Config)
		option oauth2.AuthCodeOption
		want   string // the error in the redirect, or "" for a page
	}{
		"unknown app":        {func(c *oauth2.Config) { c.ClientID = "1" }, oauth2.AccessTypeOnline, ""},
		"foreign address":    {func(c *oauth2.Config) { c.RedirectURL = "https://evil.example/" }, oauth2.AccessTypeOnline, ""},
		"token, not code":    {func(*oauth2.Config) {}, oauth2.SetAuthURLParam("response_type", "token"), "unsupported_response_type"},
		"PKCE plain":         {func(*oauth2.Config) {}, oauth2.SetAuthURLParam("code_challenge", verifier), "invalid_request"},
		"no secret, no PKCE": {func(c *oauth2.Config) { c.ClientID = nativeClientID }, oauth2.AccessTypeOnline, "invalid_request"},
	} {
		config, answer := newOAuthApp(t, o)
		row.change(&config)
		_, status, err := Browse(t.Context(), nil, config.AuthCodeURL(state, row.option))
		if err != nil || answer.Get("error") != row.want || (status == http.StatusBadRequest) != (row.want == "") {
			t.Errorf("%s: %d, %v, %v, want %q", name, status, *answer, err, row.want)
		}
	}
}

// Each refusal of the token endpoint in Facebook's wording.
func TestOAuthTokenRefuses(t *testing.T) {
	t.Parallel()
	o := newOAuth(t)
	o.AutoSignIn = "alice"
	config, answer := newOAuthApp(t, o)
	if _, _, err := Browse(t.Context(), nil, config.AuthCodeURL(state)); err != nil {
		t.Fatal(err)
	}
	right := url.Values{"client_id": {oauthClientID}, "client_secret": {oauthClientSecret}, "redirect_uri": {config.RedirectURL}, "code": {answer.Get("code")}}
	ask := func(change func(url.Values)) (int, int) {
		t.Helper()
		form := url.Values{}
		for name := range right {
			form.Set(name, right.Get(name))
		}
		change(form)
		resp, err := http.Get(o.URL() + "/oauth/access_token?" + form.Encode())
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var answer struct{ Error graphError }
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, answer.Error.Code
	}
	for name, row := range map[string]struct {
		change func(url.Values)
		code   int
	}{
		"app":    {func(f url.Values) { f.Set("client_id", "1") }, 101},
		"secret": {func(f url.Values) { f.Set("client_secret", "wrong") }, 1},
		"code":   {func(f url.Values) { f.Set("code", "wrong") }, 100},
	} {
		if status, code := ask(row.change); status != http.StatusBadRequest || code != row.code {
			t.Errorf("wrong %s: %d, code %d, want 400, code %d", name, status, code, row.code)
		}
	}
	o.Break(Fault{Code: "OAuthException", Status: 503, Times: 1})
	if status, _ := ask(func(url.Values) {}); status != 503 {
		t.Errorf("broken: %d, want 503", status)
	}
	if status, code := ask(func(url.Values) {}); status != http.StatusOK || code != 0 {
		t.Errorf("valid request: %d, code %d", status, code)
	}
	if got := [2]int{o.Count("authorize"), o.Count("token")}; got != [2]int{1, 5} {
		t.Errorf("Count = %v, want 1, 5", got)
	}
}
