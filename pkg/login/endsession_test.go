package login

import (
	"context"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/sandbox"
	"github.com/daypass/daypass/pkg/secret"
)

// The person's browser is taken to the IdP, and the session there ends.
func TestEndSession(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, nil)
	l, _ := newLogin(t, idp.URL())
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	tabs, told := make(chan tab, 8), &events{}
	l.Notify = told.add
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
	if err := l.EndSession(limited(t), grant.ID); err != nil {
		t.Fatal(err)
	}
	end := <-tabs
	if end.err != nil || end.status != http.StatusOK {
		t.Errorf("the tab ends with %d, %v", end.status, end.err)
	}
	wantText(t, "page", end.page, "You are signed out")
	if got := count[BrowserOpening](told); got != 2 {
		t.Errorf("told %d times that a browser opens, want 2", got)
	}
	if _, err := l.Renew(limited(t), grant); !errors.Is(err, identity.ErrGrantRevoked) {
		t.Errorf("renewing after the end: %v, want ErrGrantRevoked", err)
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
		t.Error("a tab was opened for nothing")
	}
}

func TestEndSessionWithoutBrowser(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, nil)
	l, _ := newLogin(t, idp.URL())
	l.Open = nil
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := l.EndSession(ctx, identity.Token{}); !errors.Is(err, errNoTab) {
		t.Errorf("got %v, want that no browser came", err)
	}
}

// newFarewellServed returns a page that leads to an IdP that is never reached.
func newFarewellServed(t *testing.T, ours bool) *farewell {
	t.Helper()
	p, err := listen(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	f := newFarewell(p, (&events{}).add)
	f.to, f.clientID, f.hint = `https://idp.example.com/logout?a="b"&c`, "daypass", secret.New("e30.id-token.sig")
	f.isOurs = func(*http.Request) bool { return ours }
	f.serveWith(f)
	t.Cleanup(f.close)
	return f
}

// The page is a form that sends itself, for one browser, that nothing keeps and nobody frames.
func TestFarewellPage(t *testing.T) {
	t.Parallel()
	f := newFarewellServed(t, true)
	first := browser(t)
	for range 2 { // a reload is no second browser
		resp, body := visit(t, first, "GET", f.port.startURL(), nil)
		wantText(t, "page", body, `<form method="post" action="https://idp.example.com/logout?a=&#34;b&#34;&amp;c">`,
			`name="id_token_hint" value="e30.id-token.sig"`, `name="client_id" value="daypass"`, "<script>"+sendForm+"</script>")
		policy := resp.Header.Get("Content-Security-Policy")
		wantText(t, "policy", policy, "default-src 'none'", "frame-ancestors 'none'", "script-src "+hashOf(sendForm), "form-action https: http:")
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
		resp, body := visit(t, browser(t), row.method, strings.TrimSuffix(f.port.startURL(), "/start")+row.path, row.header)
		if resp.StatusCode != row.want || strings.Contains(body, "id-token") {
			t.Errorf("%s %s with %v: %d, want %d and no token", row.method, row.path, row.header, resp.StatusCode, row.want)
		}
	}
}

// AWS takes an ID token for credentials: it goes to nobody but this user's own browser.
func TestFarewellHidesTheToken(t *testing.T) {
	t.Parallel()
	f := newFarewellServed(t, false)
	f.isOthers = func(*http.Request) bool { return true }
	if resp, body := visit(t, browser(t), "GET", f.port.startURL(), nil); resp.StatusCode != http.StatusForbidden || strings.Contains(body, "id-token") {
		t.Errorf("another user gets %d and %q", resp.StatusCode, body)
	}
	f.isOthers = func(*http.Request) bool { return false } // but nobody can tell
	resp, body := visit(t, browser(t), "GET", f.port.startURL(), nil)
	if resp.StatusCode != http.StatusOK || strings.Contains(body, "id-token") {
		t.Errorf("a browser of nobody knows whom gets %d and %q", resp.StatusCode, body)
	}
	wantText(t, "page", body, `name="client_id" value="daypass"`)
}
