package login

import (
	"context"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/sandbox"
	"github.com/daypass/daypass/pkg/secret"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	for name, uris := range map[string][]string{
		"any port": nil, "localhost": {"http://localhost/cb"}, "IPv6": {"http://[::1]/cb"}, "no path": {"http://127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "IPv6" && !hasIPv6(t) {
				t.Skip("no IPv6 loopback here")
			}
			idp := newIdP(t, nil)
			l, tabs := newLogin(t, idp.URL())
			l.RedirectURIs = uris
			received := &events{}
			l.Notify = received.add
			grant, err := l.SignIn(limited(t))
			if err != nil {
				t.Fatal(err)
			}
			if got := grant.ID.Claims; got.Email != "alice@example.com" || got.Subject != idp.Users["alice"].Subject {
				t.Errorf("signed in as %q %q, want alice", got.Email, got.Subject)
			}
			if grant.Access.IsZero() || grant.Refresh.IsZero() {
				t.Error("the grant lacks its access or refresh token")
			}
			last := <-tabs
			if last.status != http.StatusOK || last.err != nil {
				t.Errorf("the tab ends with HTTP %d, %v", last.status, last.err)
			}
			wantText(t, "page", last.page, "<h1>Signed in as alice@example.com</h1>", "Profile photos", "You can close this tab.")
			for what, want := range map[string]int{"discovery": 1, "jwks": 1, "authorize": 1, "token:authorization_code": 1} {
				if got := idp.Count(what); got != want {
					t.Errorf("%d requests of %s, want %d", got, what, want)
				}
			}
			if got := count[BrowserOpening](received); got != 1 {
				t.Errorf("%d BrowserOpening events, want 1", got)
			}
		})
	}
}

// The launcher's argument is the start page, without any secret.
func TestBrowserOpensTheStartPage(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, nil)
	l, _ := newLogin(t, idp.URL())
	browse, opened := l.Open, make(chan string, 1)
	l.Open = func(url string) error { opened <- url; return browse(url) }
	if _, err := l.SignIn(limited(t)); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(<-opened)
	if err != nil || u.Scheme != "http" || u.Hostname() != "127.0.0.1" || u.Path != "/start" || u.RawQuery != "" {
		t.Errorf("the browser was given %q, %v", u, err)
	}
}

// The authorization request contains the profile's parameters, and state, nonce and PKCE.
func TestAuthorizationRequest(t *testing.T) {
	t.Parallel()
	const redirectURI = "http://127.0.0.1:8400/callback"
	m := metadata{AuthURL: "https://idp.example.com/authorize?policy=x", Scopes: []string{"openid", "offline_access"}}
	request := newAuthRequest(redirectURI)
	l := &Login{ClientID: "me", LoginHint: "alice@example.com", Scopes: []string{"email"}, OfflineAccess: true, ConsentForRefresh: true,
		AuthParams: map[string]string{"acr_values": "mfa"}}
	query := func() url.Values {
		u, err := url.Parse(l.authURL(m, request))
		if err != nil {
			t.Fatal(err)
		}
		return u.Query()
	}
	got := query()
	for name, want := range map[string]string{"policy": "x", "response_type": "code", "client_id": "me", "scope": "openid email offline_access",
		"state": request.state, "nonce": request.nonce, "code_challenge_method": "S256", "redirect_uri": redirectURI,
		"login_hint": "alice@example.com", "prompt": "consent", "acr_values": "mfa"} {
		if got.Get(name) != want {
			t.Errorf("%s = %q, want %q", name, got.Get(name), want)
		}
	}
	if got.Get("code_challenge") == "" || strings.Contains(got.Encode(), request.codeVerifier) {
		t.Error("the challenge is missing, or a secret is in the URL")
	}
	l.AuthParams = map[string]string{"access_type": "offline"}
	if got := query(); got.Get("scope") != "openid email" || got.Get("access_type") != "offline" {
		t.Errorf("with access_type: scope %q, access_type %q", got.Get("scope"), got.Get("access_type"))
	}
	other := newAuthRequest(redirectURI)
	for _, pair := range [][2]string{{request.state, other.state}, {request.nonce, other.nonce}, {newPageServer(&port{}, "", nil).cookie, newPageServer(&port{}, "", nil).cookie}, {request.codeVerifier, other.codeVerifier}} {
		if pair[0] == pair[1] || len(pair[0]) < 26 {
			t.Errorf("secrets %q and %q: the same, or below 128 bits", pair[0], pair[1])
		}
	}
}

// With Again, the IdP prompts the person: with Prompt, else AgainPrompt, else what the IdP advertises.
func TestPrompt(t *testing.T) {
	t.Parallel()
	chooser := []string{"none", "login", "select_account"}
	for _, row := range []struct {
		login   Login
		prompts []string
		want    string
	}{
		{Login{}, chooser, ""},
		{Login{ConsentForRefresh: true}, nil, "consent"},
		{Login{ConsentForRefresh: true, Prompt: "login"}, nil, "login"},
		{Login{AgainPrompt: "select_account consent"}, nil, ""},
		{Login{Again: true, Prompt: "login", AgainPrompt: "select_account"}, chooser, "login"},
		{Login{Again: true, AgainPrompt: "select_account consent", ConsentForRefresh: true}, nil, "select_account consent"},
		{Login{Again: true}, chooser, "select_account"},
		{Login{Again: true}, []string{"none", "login"}, "login"},
		{Login{Again: true}, nil, "login"},
	} {
		if got := row.login.prompt(metadata{Prompts: row.prompts}); got != row.want {
			t.Errorf("Again %v, Prompt %q, AgainPrompt %q, the IdP has %q: %q, want %q",
				row.login.Again, row.login.Prompt, row.login.AgainPrompt, row.prompts, got, row.want)
		}
	}
}

// With a session at the IdP, alice signs in again without a page. With Again the page appears, whether or not the IdP has
// an account chooser.
func TestAgainPromptsThePerson(t *testing.T) {
	t.Parallel()
	for _, noPrompts := range []bool{false, true} {
		idp := newIdP(t, func(k *sandbox.Knobs) { k.AutoSignIn, k.SingleSignOn, k.NoPrompts = "", true, noPrompts })
		l, _ := newLogin(t, idp.URL())
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		presses := ""
		l.Open = func(url string) error {
			_, _, err := sandbox.BrowseAs(t.Context(), &http.Client{Jar: jar}, url, presses)
			return err
		}
		for _, row := range []struct {
			again         bool
			presses, want string
		}{{false, "alice", "alice@example.com"}, {false, "bob", "alice@example.com"}, {true, "bob", "bob@example.com"}} {
			presses, l.Again = row.presses, row.again
			grant, err := l.SignIn(limited(t))
			if err != nil || grant.ID.Claims.Email != row.want {
				t.Errorf("again %v: signed in as %q, %v, want %q", row.again, grant.ID.Claims.Email, err, row.want)
			}
		}
	}
}

// If another user signs in than login_hint names, a warning is sent, unless the token does not name the user.
func TestOtherThanHinted(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		hint, claims string
		want         bool
	}{
		{"alice@example.com", `"email":"bob@example.com"`, true},
		{"alice@example.com", `"email":"Alice@Example.com"`, false},
		{"alice@example.com", `"email":"a@x","preferred_username":"ALICE@example.com"`, false},
		{"alice@example.com", `"email":"a@x","upn":"alice@example.com"`, false},
		{"alice@example.com", `"preferred_username":"bob"`, true},
		{"alice@example.com", `"upn":["alice@example.com"],"email":false`, false},
		{"alice@example.com", `"name":"Bob"`, false},
		{"S1", `"email":"bob@example.com"`, false},
		{"", `"email":"bob@example.com"`, false},
	} {
		token, err := identity.ParseToken("e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"s1",`+row.claims+"}")) + ".sig")
		if err != nil {
			t.Fatal(err)
		}
		if err := (&Login{LoginHint: row.hint}).otherThanHinted(token.Claims); (err != nil) != row.want {
			t.Errorf("hint %q, claims %s: %v, want a warning: %v", row.hint, row.claims, err, row.want)
		}
	}
	idp := newIdP(t, nil)
	l, _ := newLogin(t, idp.URL())
	received := &events{}
	l.LoginHint, l.Notify = "bob@example.com", received.add
	if _, err := l.SignIn(limited(t)); err != nil || count[Warning](received) != 1 {
		t.Errorf("alice for bob: %v and %d warnings, want 1", err, count[Warning](received))
	}
}

// The IdP advertises offline_access but refuses it to this client: without OfflineAccess only the profile's scopes are
// requested. An error contains the requested scopes.
func TestRequestedScopes(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, func(k *sandbox.Knobs) { k.RefuseScope = "offline_access" })
	l, _ := newLogin(t, idp.URL())
	_, err := l.SignIn(limited(t))
	if typed, ok := errors.AsType[*IdPError](err); !ok || typed.Code != "invalid_scope" || !slices.Equal(typed.Scopes, []string{"openid", "email", "offline_access"}) {
		t.Errorf("got %#v, want invalid_scope and the scopes", err)
	}
	l.OfflineAccess = false
	if _, err := l.SignIn(limited(t)); err != nil {
		t.Errorf("with the scopes %q: %v", l.Scopes, err)
	}
	idp.Set(func(k *sandbox.Knobs) { k.TokenError = "invalid_scope" })
	_, err = l.SignIn(limited(t))
	if typed, ok := errors.AsType[*IdPError](err); !ok || !slices.Equal(typed.Scopes, []string{"openid", "email"}) {
		t.Errorf("at the token endpoint: %#v, want the scopes", err)
	}
}

// Each invalid response of an IdP, or of an attacker in its place, fails the sign-in with an error of its own.
func TestSignInRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		knob func(*sandbox.Knobs)
		want string
	}{
		{"error", func(k *sandbox.Knobs) { k.Error, k.ErrorDescription = "access_denied", "Not \x1b[31mtoday\x07." }, "the identity provider says access_denied: Not [31mtoday."},
		{"wrong iss", func(k *sandbox.Knobs) { k.WrongIss = true }, `from the issuer "https://mallory.example.com"`},
		{"wrong iss, not advertised", func(k *sandbox.Knobs) { k.WrongIss, k.NoIssAdvertised = true, true }, `from the issuer "https://mallory.example.com"`},
		{"missing iss", func(k *sandbox.Knobs) { k.MissingIss = true }, "RFC 9207"},
		{"wrong iss with an error", func(k *sandbox.Knobs) { k.WrongIss, k.Error = true, "access_denied" }, "mallory"},
		{"none", func(k *sandbox.Knobs) { k.AlgNone = true }, `signed with "none"`},
		{"wrong key", func(k *sandbox.Knobs) { k.WrongKey = true }, "none of the identity provider's keys"},
		{"wrong nonce", func(k *sandbox.Knobs) { k.WrongNonce = true }, "nonce"},
		{"wrong audience", func(k *sandbox.Knobs) { k.WrongAudience = true }, `its audience is "another-client", not "daypass"`},
		{"wrong issuer", func(k *sandbox.Knobs) { k.WrongIssuer = true }, `its issuer is "https://mallory.example.com"`},
		{"wrong at_hash", func(k *sandbox.Knobs) { k.WrongAtHash = true }, "at_hash"},
		{"expired", func(k *sandbox.Knobs) { k.Expired = true }, "it expired "},
		{"two audiences", func(k *sandbox.Knobs) { k.ExtraAudience = true }, "no azp"},
		{"wrong azp", func(k *sandbox.Knobs) { k.WrongAzp = true }, `its azp is "another-client"`},
		{"no ID token", func(k *sandbox.Knobs) { k.NoIDToken = true }, identity.ErrNoIDToken.Error()},
		{"EdDSA", func(k *sandbox.Knobs) { k.Alg = "EdDSA" }, `signed with "EdDSA"`},
		{"PS256", func(k *sandbox.Knobs) { k.Alg = "PS256" }, `signed with "PS256"`},
		{"token error", func(k *sandbox.Knobs) { k.TokenError = "invalid_client" }, "redeeming the code: the identity provider says invalid_client"},
		{"token endpoint down", func(k *sandbox.Knobs) { k.TokenStatus = 503 }, "HTTP 503 from 127.0.0.1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			idp := newIdP(t, test.knob)
			l, tabs := newLogin(t, idp.URL())
			grant, err := l.SignIn(limited(t))
			if err == nil {
				t.Fatal("signed in")
			}
			wantText(t, "error", err.Error(), test.want)
			if strings.Contains(err.Error(), "out of order") {
				t.Errorf("the error quotes the answer: %v", err)
			}
			if !grant.ID.IsZero() || !grant.Refresh.IsZero() {
				t.Error("a grant is returned with the error")
			}
			last := <-tabs
			if last.status < 400 || last.err != nil {
				t.Errorf("the tab ends with HTTP %d, %v", last.status, last.err)
			}
			wantText(t, "page", last.page, "You are not signed in", "Go back to the terminal.")
		})
	}
}

func TestTypedErrors(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, func(k *sandbox.Knobs) { k.Error = "access_denied" })
	l, _ := newLogin(t, idp.URL())
	_, err := l.SignIn(limited(t))
	if typed, ok := errors.AsType[*IdPError](err); !ok || typed.Code != "access_denied" {
		t.Errorf("error=access_denied: %v, want an IdPError", err)
	}
	idp.Set(func(k *sandbox.Knobs) { k.Error, k.Alg = "", "PS256" })
	_, err = l.SignIn(limited(t))
	if typed, ok := errors.AsType[*UnsupportedAlgError](err); !ok || typed.Alg != "PS256" {
		t.Errorf("PS256: %v, want an UnsupportedAlgError", err)
	}
}

func TestSignInWithES256(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, func(k *sandbox.Knobs) { k.Alg = "ES256" })
	l, _ := newLogin(t, idp.URL())
	if _, err := l.SignIn(limited(t)); err != nil {
		t.Error(err)
	}
}

// A client secret is sent by the method that the identity provider advertises. The sandbox refuses both at once.
func TestSignInWithSecret(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, nil)
	idp.Clients["app"] = sandbox.Client{ID: "app", Secret: secret.New("p&ss: ü")}
	l, _ := newLogin(t, idp.URL())
	l.ClientID, l.ClientSecret = "app", secret.New("p&ss: ü")
	grant, err := l.SignIn(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Revoke(limited(t), grant); err != nil {
		t.Error(err)
	}
	for _, test := range []struct {
		methods []string
		secret  string
		basic   bool
	}{
		{nil, "", false}, {nil, "s", true}, {[]string{"client_secret_post"}, "s", false},
		{[]string{"client_secret_post", "client_secret_basic"}, "s", true}, {[]string{"client_secret_basic"}, "", false},
	} {
		l := &Login{ClientSecret: secret.New(test.secret)}
		if got := l.usesBasic(metadata{AuthMethods: test.methods}); got != test.basic {
			t.Errorf("methods %q, secret %q: basic %v, want %v", test.methods, test.secret, got, test.basic)
		}
	}
}

// A response with another state does not end the wait. The context ends it, and the port is released.
func TestSignInTimesOut(t *testing.T) {
	t.Parallel()
	for name, knob := range map[string]func(*sandbox.Knobs){
		"silent": func(k *sandbox.Knobs) { k.Silent = true }, "wrong state": func(k *sandbox.Knobs) { k.WrongState = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			idp := newIdP(t, knob)
			l, _ := newLogin(t, idp.URL())
			ctx, cancel := context.WithTimeoutCause(t.Context(), 300*time.Millisecond, context.DeadlineExceeded)
			defer cancel()
			var start string
			l.Notify = func(e Event) {
				if opening, ok := e.(BrowserOpening); ok {
					start = opening.StartURL
				}
			}
			_, err := l.SignIn(ctx)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("SignIn ended with %v", err)
			}
			wantText(t, "error", err.Error(), "timed out after ", "without a response in the browser")
			rebind(t, start)
		})
	}
}

// A response in another container of the browser, which lacks the cookie, is refused. The page, an event and the error say
// so.
func TestResponseInAnotherContainer(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, nil)
	l, _ := newLogin(t, idp.URL())
	received, shown := &events{}, make(chan string, 1)
	l.Notify = received.add
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	l.Open = func(start string) error {
		began, other := browser(t), browser(t)
		resp, _ := visit(t, began, "GET", start, nil)
		resp, _ = visit(t, began, "GET", resp.Header.Get("Location"), nil)
		_, page := visit(t, other, "GET", resp.Header.Get("Location"), nil)
		shown <- page
		return nil
	}
	go func() {
		wantText(t, "page", <-shown, "another browser, browser profile or container", "daypass login --no-browser")
		cancel(nil)
	}()
	if _, err := l.SignIn(ctx); !errors.Is(err, context.Canceled) || count[AnswerElsewhere](received) != 1 {
		t.Errorf("%v and %d AnswerElsewhere events, want canceled and one", err, count[AnswerElsewhere](received))
	}
	pages, _ := servePages(t)
	visit(t, browser(t), "GET", pages.callbackURL(url.Values{"code": {"c"}, "state": {pages.request.state}}), nil)
	late, stop := context.WithTimeout(t.Context(), time.Nanosecond)
	defer stop()
	_, err := pages.wait(late, &future[metadata]{done: make(chan struct{})})
	if typed, ok := errors.AsType[*UnansweredError](err); !ok || !typed.Elsewhere {
		t.Errorf("the wait ended with %#v, want an UnansweredError with Elsewhere", err)
	}
}

func TestCancelReleasesThePort(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, func(k *sandbox.Knobs) { k.Silent = true })
	l, _ := newLogin(t, idp.URL())
	ctx, cancel := context.WithCancel(t.Context())
	l.Open = func(string) error { cancel(); return nil }
	var start string
	l.Notify = func(e Event) {
		if opening, ok := e.(BrowserOpening); ok {
			start = opening.StartURL
		}
	}
	began := time.Now()
	if _, err := l.SignIn(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("SignIn ended with %v, want canceled", err)
	}
	if took := time.Since(began); took > pageLimit {
		t.Errorf("SignIn took %v to end", took)
	}
	rebind(t, start)
}

func rebind(t *testing.T, startURL string) {
	t.Helper()
	u, err := url.Parse(startURL)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", u.Host)
	if err != nil {
		t.Fatalf("the port is still in use: %v", err)
	}
	listener.Close()
}

// If no browser can be opened, an event is sent and the person can open the URL by hand.
func TestBrowserFails(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, nil)
	l, _ := newLogin(t, idp.URL())
	byHand := l.Open
	l.Open = func(string) error { return errors.New("no browser here") }
	var start string
	failures := 0
	l.Notify = func(e Event) {
		switch e := e.(type) {
		case BrowserOpening:
			start = e.StartURL
		case BrowserFailed:
			failures++
			go byHand(start)
		}
	}
	if _, err := l.SignIn(limited(t)); err != nil {
		t.Error(err)
	}
	if failures != 1 {
		t.Errorf("%d BrowserFailed events, want 1", failures)
	}
}

// A browser that never loads the last page does not delay the grant for long.
func TestLastPageWaitIsLimited(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, nil)
	l, _ := newLogin(t, idp.URL())
	l.Open = func(start string) error {
		c := browser(t)
		resp, _ := visit(t, c, "GET", start, nil)
		resp, _ = visit(t, c, "GET", resp.Header.Get("Location"), nil)
		visit(t, c, "GET", resp.Header.Get("Location"), nil)
		return nil
	}
	began := time.Now()
	if _, err := l.SignIn(limited(t)); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > pageLimit+5*time.Second {
		t.Errorf("SignIn took %v", took)
	}
}

func TestSignInRefusesBeforeTheBrowser(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, nil)
	unreachable, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	unreachable.Close()
	for name, change := range map[string]func(*Login){
		"http issuer":    func(l *Login) { l.Issuer = "http://idp.example.com" },
		"no issuer":      func(l *Login) { l.Issuer = "" },
		"issuer query":   func(l *Login) { l.Issuer += "?x=1" },
		"no client":      func(l *Login) { l.ClientID = "" },
		"own parameter":  func(l *Login) { l.AuthParams = map[string]string{"state": "x"} },
		"slash":          func(l *Login) { l.Issuer += "/" },
		"refused":        func(l *Login) { l.Issuer = "http://" + unreachable.Addr().String() },
		"not found":      func(l *Login) { l.Issuer += "/nowhere" },
		"no such port":   func(l *Login) { l.RedirectURIs = []string{"http://127.0.0.1:99999/"} },
		"not a redirect": func(l *Login) { l.RedirectURIs = []string{"https://example.com/"} },
	} {
		l, _ := newLogin(t, idp.URL())
		l.Open = func(string) error { t.Errorf("%s: a tab opened", name); return nil }
		change(l)
		if _, err := l.SignIn(limited(t)); err == nil {
			t.Errorf("%s: signed in", name)
		}
	}
	l, _ := newLogin(t, idp.URL()+"/")
	_, err = l.SignIn(limited(t))
	typed, ok := errors.AsType[*IssuerMismatchError](err)
	if !ok || typed.Configured != idp.URL()+"/" || typed.Advertised != idp.URL() {
		t.Errorf("the slash: %v, want an IssuerMismatchError", err)
	}
}

// No tab opens for an issuer that is down, even if its discovery document is cached.
func TestCachedDiscoveryOpensNoTab(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, nil)
	l, tabs := newLogin(t, idp.URL())
	l.Cache = &memory{}
	if _, err := l.SignIn(limited(t)); err != nil {
		t.Fatal(err)
	}
	<-tabs
	idp.Close()
	l.Open = func(string) error { t.Error("a tab opened"); return nil }
	if _, err := l.SignIn(limited(t)); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ended with %v, want the refused connection", err)
	}
}

// Discovery that fails after the tab has opened is shown there.
func TestDiscoveryFailsInTheTab(t *testing.T) {
	t.Parallel()
	opened := make(chan struct{})
	idp := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-opened
		http.Error(w, "<secret>", http.StatusTeapot)
	}))
	l, tabs := newLogin(t, idp)
	browse := l.Open
	l.Open = func(url string) error { close(opened); return browse(url) }
	_, err := l.SignIn(limited(t))
	if err == nil {
		t.Fatal("signed in")
	}
	wantText(t, "error", err.Error(), "HTTP 418")
	wantText(t, "page", (<-tabs).page, "You are not signed in", "HTTP 418", "Go back to the terminal.")
}

// The scopes of the profile are not changed in place.
func TestScopesAreCloned(t *testing.T) {
	t.Parallel()
	mine := make([]string, 1, 8)
	mine[0] = "openid"
	l := &Login{Scopes: mine, OfflineAccess: true}
	got := l.scopes(metadata{Scopes: []string{"offline_access"}})
	if !slices.Equal(got, []string{"openid", "offline_access"}) || mine[:2][1] != "" {
		t.Errorf("scopes %q, the profile's now %q", got, mine[:2])
	}
}

var _ interface {
	SignIn(context.Context) (identity.Grant, error)
	Renew(context.Context, identity.Grant) (identity.Grant, error)
	Revoke(context.Context, identity.Grant) error
} = (*Login)(nil)
