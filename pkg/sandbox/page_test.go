package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// newPage returns an IdP that shows its page, and an app.
func newPage(t *testing.T) (*IdP, *app) {
	p := newIdP(t)
	p.Set(func(k *Knobs) { k.AutoSignIn = "" })
	return p, newApp(t, p)
}

// A person without JavaScript can use the page.
func TestPageIsAForm(t *testing.T) {
	t.Parallel()
	p, a := newPage(t)
	for _, press := range []struct{ user, want string }{{"bob", "code"}, {"", "error"}} { // Cancel last: see below
		page, status, err := BrowseAs(t.Context(), nil, a.authURL(), press.user)
		if err != nil || status != http.StatusOK || page != "thank you" || !a.answer.Has(press.want) || a.answer.Get("state") != state {
			t.Errorf("pressing %q: %d, %v, %v, want %s at the app", press.user, status, err, a.answer, press.want)
		}
	}
	if got := a.answer.Get("error"); got != "access_denied" {
		t.Errorf("Cancel: error = %q, want access_denied", got)
	}
	if got := [2]int{p.Count("authorize"), p.Count("page")}; got != [2]int{2, 2} {
		t.Errorf("Count of authorize, page = %v, want 2, 2", got)
	}
	_, status, err := BrowseAs(t.Context(), nil, a.authURL(), "mallory")
	if err != nil || status != http.StatusBadRequest {
		t.Errorf("an unknown user: %d, %v, want 400", status, err)
	}
	BrowseAs(t.Context(), nil, a.authURL(), "bob")
	token, err := a.config.Exchange(t.Context(), a.answer.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	if id, err := a.verify(token); err != nil || id.Subject != p.Users["bob"].Subject {
		t.Errorf("the token after pressing bob: %v, %v", id, err)
	}
}

// The page contains what readers, screen readers and browsers need.
func TestPageSaysWhoAsksForWhat(t *testing.T) {
	t.Parallel()
	p, a := newPage(t)
	p.Clients["<b>odd"] = Client{ID: "<b>odd"}
	a.config.ClientID = "<b>odd"
	a.config.Scopes = append(a.config.Scopes, "<i>scope")
	resp, err := http.Get(a.authURL())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	page := string(body)
	for _, want := range []string{
		`<html lang="en">`, "<main>", "<h1>", "<legend>Sign in as</legend>", "<strong>&lt;b&gt;odd</strong>",
		"your email address", "<code>offline_access</code>", "&lt;i&gt;scope", "Alice Example", "bob@example.com", ">Cancel</button>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, secretive := range []string{state, nonce, "code_challenge", "redirect_uri", "http://"} {
		if strings.Contains(html.UnescapeString(page), secretive) {
			t.Errorf("the page contains %q", secretive)
		}
	}
	style := page[strings.Index(page, "<style>")+len("<style>") : strings.Index(page, "</style>")]
	sum := sha256.Sum256([]byte(style))
	redirect, _ := url.Parse(a.config.RedirectURL)
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; base-uri 'none'; form-action 'self' http://" + redirect.Host + "; frame-ancestors 'none'",
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
		"Content-Type": "text/html; charset=utf-8",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if c := resp.Cookies(); len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode || c[0].Secure {
		t.Errorf("cookies = %v, want one, HttpOnly, Lax", c)
	}
}

func TestFormTarget(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"http://127.0.0.1:81/cb?x=1": " http://127.0.0.1:81", "http://localhost:8400/": " http://localhost:8400",
		"http://[::1]:81/cb": " http:", "com.example.app:/cb": " com.example.app:", "": "",
	} {
		if got := formTarget(uri); got != want {
			t.Errorf("formTarget(%q) = %q, want %q", uri, got, want)
		}
	}
}

// A form that was not sent from the page that this browser was shown is refused.
func TestForgedForm(t *testing.T) {
	t.Parallel()
	p, a := newPage(t)
	var late atomic.Int64
	p.Now = func() time.Time { return time.Now().Add(time.Duration(late.Load())) }
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	page, _, err := Browse(t.Context(), browser, a.authURL())
	if err != nil {
		t.Fatal(err)
	}
	ticket := hiddenTicket.FindStringSubmatch(page)[1]
	post := func(client *http.Client, path, ticket string) int {
		t.Helper()
		a.answer = nil
		resp, err := client.PostForm(p.URL()+path, url.Values{"ticket": {ticket}, "user": {"alice"}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	for name, status := range map[string]int{
		"another browser": post(http.DefaultClient, "/authorize", ticket),
		"another ticket":  post(browser, "/authorize", "x"),
		"no ticket":       post(browser, "/authorize", ""),
		"another form":    post(browser, "/device", ticket),
	} {
		if status != http.StatusForbidden || a.answer != nil {
			t.Errorf("%s: %d, %v, want 403", name, status, a.answer)
		}
	}
	for range 2 { // a double click
		if status := post(browser, "/authorize", ticket); status != http.StatusOK || !a.answer.Has("code") {
			t.Errorf("the page's own form: %d, %v, want a code", status, a.answer)
		}
	}
	late.Store(int64(ticketLife))
	if status := post(browser, "/authorize", ticket); status != http.StatusForbidden || a.answer != nil {
		t.Errorf("after %v: %d, %v, want 403", ticketLife, status, a.answer)
	}
}
