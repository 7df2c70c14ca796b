package sandbox

import (
	"context"
	"errors"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

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

// go-oidc accepts a token of each algorithm, and finds a rotated key.
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

// The authorization response for each knob.
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
		t.Errorf("unregistered redirect_uri: %d, %v", status, a.answer)
	}
	browse(nothing, oauth2.SetAuthURLParam("code_challenge_method", "plain"))
	if got := a.answer.Get("error"); got != "invalid_request" {
		t.Errorf("PKCE plain: error = %q", got)
	}
}

// onceSent returns a context that calls then as soon as a request has been sent.
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
