package login

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/peercred"
	"github.com/daypass/daypass/pkg/sandbox"
)

// The browser is redirected to the IdP. A token that AWS still accepts is not put into the URL, so the IdP prompts. A
// token that has expired, or is posted in a form, ends the session immediately.
func TestEndSession(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		form  bool
		after time.Duration
		want  string
		ended bool
	}{
		{"a live token", false, 0, "Sign out?", false},
		{"an expired token", false, 2 * time.Hour, "You are signed out", true},
		{"a live token in a form", true, 0, "You are signed out", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			idp := newIdP(t, nil)
			l, _ := newLogin(t, idp.URL())
			jar, err := cookiejar.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			tabs, received := make(chan tab, 8), &events{}
			l.Notify, l.EndSessionForm = received.add, row.form
			l.Open = func(url string) error {
				page, status, err := sandbox.Browse(t.Context(), &http.Client{Jar: jar}, url)
				tabs <- tab{page, status, err}
				return nil
			}
			grant, err := l.SignIn(limited(t))
			if err != nil {
				t.Fatal(err)
			}
			<-tabs
			l.Now = func() time.Time { return time.Now().Add(row.after) }
			if err := l.EndSession(limited(t), grant.ID); err != nil {
				t.Fatal(err)
			}
			end := <-tabs
			if end.err != nil || end.status != http.StatusOK {
				t.Errorf("the tab ends with %d, %v", end.status, end.err)
			}
			wantText(t, "page", end.page, row.want)
			if got := count[BrowserOpening](received); got != 2 {
				t.Errorf("%d BrowserOpening events, want 2", got)
			}
			if _, err := l.Renew(limited(t), grant); errors.Is(err, identity.ErrGrantRevoked) != row.ended {
				t.Errorf("renewing after the end: %v, want ErrGrantRevoked: %v", err, row.ended)
			}
		})
	}
}

func TestEndSessionNotOffered(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, func(k *sandbox.Knobs) { k.NoEndSession = true })
	l, tabs := newLogin(t, idp.URL())
	if err := l.EndSession(limited(t), identity.Token{}); !errors.Is(err, ErrNoEndSession) {
		t.Errorf("got %v, want ErrNoEndSession", err)
	}
	if len(tabs) > 0 {
		t.Error("a tab was opened")
	}
}

func TestEndSessionWithoutBrowser(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, nil)
	l, _ := newLogin(t, idp.URL())
	l.Open = nil
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := l.EndSession(ctx, identity.Token{}); !errors.Is(err, errNoBrowser) {
		t.Errorf("got %v, want %v", err, errNoBrowser)
	}
}

// serveLogoutPage serves a page that redirects to an IdP that is never contacted.
func serveLogoutPage(t *testing.T, peer peercred.Peer) *logoutPage {
	t.Helper()
	p, err := listen(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := identity.ParseToken("e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"1","email":"alice@example.com"}`)) + ".sig")
	if err != nil {
		t.Fatal(err)
	}
	page := &logoutPage{
		pageServer: newPageServer(p, "sign-out", (&events{}).add),
		to:         `https://idp.example.com/logout?a="b"&c`, clientID: "daypass", token: token,
	}
	page.peer = from(peer)
	page.serve(page)
	t.Cleanup(page.close)
	return page
}

// The URL contains the token only if it has expired. The response is not cached.
func TestLogoutPageRedirects(t *testing.T) {
	t.Parallel()
	for _, expired := range []bool{false, true} {
		page := serveLogoutPage(t, peercred.Self)
		page.expired = expired
		first := browser(t)
		for range 2 { // a reload is not a second browser
			resp, body := visit(t, first, "GET", page.port.startURL(), nil)
			to, err := resp.Location()
			if err != nil || resp.StatusCode != http.StatusFound || body != "" || resp.Header.Get("Referrer-Policy") != "no-referrer" {
				t.Fatalf("the answer is %d to %v, %v, body %q", resp.StatusCode, to, err, body)
			}
			want := url.Values{"a": {`"b"`}, "c": {""}, "client_id": {"daypass"}, "logout_hint": {"alice@example.com"}}
			if expired {
				want.Set("id_token_hint", page.token.Raw.Reveal())
			}
			if to.Host != "idp.example.com" || to.Path != "/logout" || to.Query().Encode() != want.Encode() {
				t.Errorf("expired %v: redirected to %s, want the parameters %v", expired, to, want)
			}
		}
	}
	page := serveLogoutPage(t, peercred.Self)
	page.loginHint = "bob"
	resp, _ := visit(t, browser(t), "GET", page.port.startURL(), nil)
	if to, err := resp.Location(); err != nil || to.Query().Get("logout_hint") != "bob" {
		t.Errorf("with a login_hint: redirected to %v, %v, want that hint", to, err)
	}
}

// The form submits itself, in one browser. The page is not cached and cannot be framed.
func TestLogoutPageForm(t *testing.T) {
	t.Parallel()
	page := serveLogoutPage(t, peercred.Self)
	page.byForm = true
	first := browser(t)
	for range 2 { // a reload is not a second browser
		resp, body := visit(t, first, "GET", page.port.startURL(), nil)
		wantText(t, "page", body, `<form method="post" action="https://idp.example.com/logout?a=&#34;b&#34;&amp;c">`,
			`name="id_token_hint" value="`+page.token.Raw.Reveal()+`"`, `name="client_id" value="daypass"`, "<script>"+submitForm+"</script>")
		policy := resp.Header.Get("Content-Security-Policy")
		wantText(t, "policy", policy, "default-src 'none'", "frame-ancestors 'none'", "script-src "+hashSource(submitForm), "form-action https: http:")
		if resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("headers %v", resp.Header)
		}
	}
	for _, row := range []struct {
		method, path string
		header       http.Header
		want         int
	}{
		{"GET", "/start", nil, http.StatusGone},
		{"POST", "/start", nil, http.StatusMethodNotAllowed},
		{"GET", "/callback", nil, http.StatusNotFound},
		{"GET", "/start", http.Header{"Host": {"evil.example"}}, http.StatusMisdirectedRequest},
		{"GET", "/start", http.Header{"Sec-Fetch-Mode": {"no-cors"}}, http.StatusForbidden},
	} {
		resp, body := visit(t, browser(t), row.method, strings.TrimSuffix(page.port.startURL(), "/start")+row.path, row.header)
		if resp.StatusCode != row.want || strings.Contains(body, page.token.Raw.Reveal()) {
			t.Errorf("%s %s with %v: %d, want %d and no token", row.method, row.path, row.header, resp.StatusCode, row.want)
		}
	}
}

// AWS accepts an ID token as a credential, so only this user's browser receives it.
func TestLogoutPageHidesTheToken(t *testing.T) {
	t.Parallel()
	for _, byForm := range []bool{false, true} {
		page := serveLogoutPage(t, peercred.Other)
		page.byForm, page.expired = byForm, true
		shown := func(resp *http.Response, body string) bool {
			all := body + resp.Header.Get("Location")
			return strings.Contains(all, page.token.Raw.Reveal()) || strings.Contains(all, "alice")
		}
		if resp, body := visit(t, browser(t), "GET", page.port.startURL(), nil); resp.StatusCode != http.StatusForbidden || shown(resp, body) {
			t.Errorf("another user gets %d and %q", resp.StatusCode, body)
		}
		page.peer = from(peercred.Unsupported)
		resp, body := visit(t, browser(t), "GET", page.port.startURL(), nil)
		if resp.StatusCode >= http.StatusBadRequest || shown(resp, body) {
			t.Errorf("a browser of an unknown user gets %d and %q", resp.StatusCode, body)
		}
		wantText(t, "answer", body+resp.Header.Get("Location"), "client_id", "daypass")
	}
}
