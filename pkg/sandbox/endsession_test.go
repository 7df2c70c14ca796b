package sandbox

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"
)

// visitor is a browser with cookies.
type visitor struct {
	*app
	browser *http.Client
}

func newVisitor(t *testing.T) visitor {
	t.Helper()
	_, a := newPage(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return visitor{a, &http.Client{Jar: jar}}
}

func (h visitor) signIn(user string) *oauth2.Token {
	h.t.Helper()
	if _, _, err := BrowseAs(h.t.Context(), h.browser, h.authURL(), user); err != nil {
		h.t.Fatal(err)
	}
	token, err := h.config.Exchange(h.t.Context(), h.answer.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

// silently reports whether prompt=none finds a session.
func (h visitor) silently(options ...oauth2.AuthCodeOption) bool {
	h.t.Helper()
	options = append(options, oauth2.SetAuthURLParam("prompt", "none"))
	if _, _, err := Browse(h.t.Context(), h.browser, h.authURL(options...)); err != nil {
		h.t.Fatal(err)
	}
	if got := h.answer.Get("error"); got != "" && got != "login_required" {
		h.t.Errorf("prompt=none: error = %q", got)
	}
	return h.answer.Has("code")
}

func (h visitor) leave(parameters url.Values, button string) (page string, status int) {
	h.t.Helper()
	h.app.answer = nil
	page, status, err := browseAndPress(h.t.Context(), h.browser, h.idp.URL()+"/end-session?"+parameters.Encode(), button)
	if err != nil {
		h.t.Fatal(err)
	}
	return page, status
}

func idTokenOf(token *oauth2.Token) string {
	raw, _ := token.Extra("id_token").(string)
	return raw
}

// A session at the IdP belongs to one browser, and satisfies prompt=none until max_age.
func TestSession(t *testing.T) {
	t.Parallel()
	h := newVisitor(t)
	if h.silently() {
		t.Error("prompt=none finds a session before any sign-in")
	}
	h.signIn("bob")
	if !h.silently() || h.silently(oauth2.SetAuthURLParam("max_age", "0")) || !h.silently(oauth2.SetAuthURLParam("max_age", "100")) {
		t.Error("the session does not answer prompt=none, or ignores max_age")
	}
	page, _, err := Browse(t.Context(), h.browser, h.authURL())
	if err != nil || !strings.Contains(page, "bob@example.com, signed in") || strings.Index(page, "Bob") > strings.Index(page, "Alice") {
		t.Errorf("the page does not show who is signed in: %v", err)
	}
	h.idp.Set(func(k *Knobs) { k.SingleSignOn = true })
	for prompt, want := range map[string]bool{"": true, "login": false, "select_account": false, "consent": false} {
		h.app.answer = nil
		if _, _, err := Browse(t.Context(), h.browser, h.authURL(oauth2.SetAuthURLParam("prompt", prompt))); err != nil || h.answer.Has("code") != want {
			t.Errorf("SingleSignOn, prompt=%q: %v, %v, want a code: %t", prompt, h.answer, err, want)
		}
	}
	h.idp.Set(func(k *Knobs) { k.SingleSignOn = false })
	bob := h.signIn("bob")
	h.signIn("alice")
	h.leave(nil, "leave=yes")
	if _, err := h.renew(bob.RefreshToken); err != nil {
		t.Errorf("signing alice out ended bob's earlier session: %v", err)
	}
	stranger := newVisitor(t)
	stranger.app = h.app
	if stranger.silently() {
		t.Error("another browser shares the session")
	}
	Browse(t.Context(), h.browser, h.authURL(oauth2.SetAuthURLParam("prompt", "none login")))
	if got := h.answer.Get("error"); got != "invalid_request" {
		t.Errorf("prompt=none login: error = %q, want invalid_request", got)
	}
}

// The hint ends the session at once and revokes its tokens, and no others.
func TestEndSession(t *testing.T) {
	t.Parallel()
	h := newVisitor(t)
	token := h.signIn("alice")
	other := h
	other.browser = &http.Client{}
	kept := other.signIn("alice")
	h.idp.RotateKey() // an old hint is still valid
	back := h.config.RedirectURL
	h.leave(url.Values{"id_token_hint": {idTokenOf(token)}, "post_logout_redirect_uri": {back}, "state": {"bye & bye"}}, "")
	if h.answer.Get("state") != "bye & bye" || h.answer.Get("keep") != "1" || h.answer.Has("error") {
		t.Errorf("back at the app: %v, want its query and state", h.answer)
	}
	if h.silently() {
		t.Error("the session did not end")
	}
	_, err := h.renew(token.RefreshToken)
	wantOAuthError(t, "its refresh token", err, "invalid_grant")
	if _, err := h.renew(kept.RefreshToken); err != nil {
		t.Errorf("a session in another browser ended too: %v", err)
	}
	page, status := h.leave(url.Values{"id_token_hint": {idTokenOf(token)}}, "")
	if status != http.StatusOK || !strings.Contains(page, "You are signed out") {
		t.Errorf("signing out twice: %d", status)
	}
}

// Codes that have not been redeemed end with the session.
func TestEndSessionSpendsCodes(t *testing.T) {
	t.Parallel()
	h := newVisitor(t)
	h.signIn("alice")
	h.silently()
	code := h.answer.Get("code")
	h.leave(nil, "leave=yes")
	_, err := h.config.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	wantOAuthError(t, "a code of the session", err, "invalid_grant")
}

// Without a hint, or with one of another session, the user is asked.
func TestEndSessionAsks(t *testing.T) {
	t.Parallel()
	h := newVisitor(t)
	token := h.signIn("alice")
	elsewhere := h
	elsewhere.browser = &http.Client{}
	foreign := idTokenOf(elsewhere.signIn("bob"))
	for _, parameters := range []url.Values{{}, {"client_id": {"daypass"}}, {"id_token_hint": {foreign}}} {
		page, _, err := Browse(t.Context(), h.browser, h.idp.URL()+"/end-session?"+parameters.Encode())
		if err != nil || !strings.Contains(page, "Sign out?") || !h.silently() {
			t.Errorf("%v: %v, the user was not asked", parameters, err)
		}
	}
	if page, _ := h.leave(nil, "cancel=yes"); !strings.Contains(page, "You are still signed in") || !h.silently() {
		t.Error("Stay signed in: the session ended")
	}
	page, _ := h.leave(url.Values{"client_id": {"daypass"}, "post_logout_redirect_uri": {h.config.RedirectURL}}, "leave=yes")
	if page != "thank you" || h.silently() {
		t.Errorf("Sign out: the page is %q, or the session did not end", page)
	}
	_, err := h.renew(token.RefreshToken)
	wantOAuthError(t, "its refresh token", err, "invalid_grant")
}

func TestEndSessionIsRefused(t *testing.T) {
	t.Parallel()
	h := newVisitor(t)
	h.idp.Clients["exact"] = Client{ID: "exact", RedirectURIs: []string{h.config.RedirectURL}, PostLogoutRedirectURIs: []string{"http://localhost:8400/bye"}}
	hint := idTokenOf(h.signIn("alice"))
	h.idp.Set(func(k *Knobs) { k.WrongIssuer = true })
	spoiled := idTokenOf(h.signIn("alice"))
	h.idp.Set(func(k *Knobs) { k.WrongIssuer = false })
	foreign, _ := newPage(t)
	foreignToken := visitor{newApp(t, foreign), &http.Client{}}.signIn("alice")
	for name, parameters := range map[string]url.Values{
		"a foreign hint":          {"id_token_hint": {idTokenOf(foreignToken)}},
		"a hint of another iss":   {"id_token_hint": {spoiled}},
		"a forged hint":           {"id_token_hint": {hint[:strings.LastIndexByte(hint, '.')+1] + "AAAA"}},
		"another client's hint":   {"id_token_hint": {hint}, "client_id": {"exact"}},
		"an address of strangers": {"id_token_hint": {hint}, "post_logout_redirect_uri": {"https://evil.example/"}},
		"an address of nobody":    {"post_logout_redirect_uri": {h.config.RedirectURL}},
		"an unlisted address":     {"client_id": {"exact"}, "post_logout_redirect_uri": {h.config.RedirectURL}},
	} {
		if _, status := h.leave(parameters, "leave=yes"); status != http.StatusBadRequest || h.answer != nil {
			t.Errorf("%s: %d, want 400", name, status)
		}
	}
	if !h.silently() {
		t.Error("a refused request ended the session")
	}
	exact := h.idp.Clients["exact"]
	if !exact.mayLeaveTo("http://localhost:8400/bye") || nativeClient("n").mayLeaveTo("https://127.0.0.1/") || exactClient("e", "http://localhost/").mayLeaveTo("http://localhost/") {
		t.Error("mayLeaveTo: a registered URI is refused, or an unregistered one accepted")
	}
}
