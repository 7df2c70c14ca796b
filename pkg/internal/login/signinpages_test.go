package login

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/internal/peercred"
)

// servePages serves the pages of a sign-in at an IdP that is never contacted.
func servePages(t *testing.T) (*signInPages, *events) {
	t.Helper()
	p, err := listen(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	received := &events{}
	pages := newSignInPages(p, "daypass", received.add)
	pages.authURL = func(context.Context) (string, error) {
		return "https://idp.example.com/authorize?state=" + pages.request.state, nil
	}
	pages.serve(pages)
	t.Cleanup(pages.close)
	return pages, received
}

func (s *signInPages) callbackURL(values url.Values) string {
	return s.port.redirectURI() + "?" + values.Encode()
}

// visit returns the response without its body, which is returned as text.
func visit(t *testing.T, c *http.Client, method, to string, header http.Header) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	if header != nil {
		req.Header = header
		req.Host = header.Get("Host")
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestStartServesOneBrowser(t *testing.T) {
	t.Parallel()
	pages, received := servePages(t)
	first, second := browser(t), browser(t)
	for range 2 { // a reload is not a second browser
		resp, body := visit(t, first, "GET", pages.port.startURL(), nil)
		if resp.StatusCode != http.StatusFound || !strings.HasPrefix(resp.Header.Get("Location"), "https://idp.example.com/") {
			t.Errorf("start answers %d to %q, want 302 to the IdP", resp.StatusCode, resp.Header.Get("Location"))
		}
		if body != "" {
			t.Errorf("start repeats the URL in its body: %q", body)
		}
		cookie := resp.Header.Get("Set-Cookie")
		wantText(t, "cookie", cookie, "daypass-"+pages.port.redirect.Port()+"=", "; Path=/", "; HttpOnly", "; SameSite=Lax")
	}
	resp, body := visit(t, second, "GET", pages.port.startURL(), nil)
	if resp.StatusCode != http.StatusGone || resp.Header.Get("Set-Cookie") != "" || resp.Header.Get("Location") != "" {
		t.Errorf("start answers a second browser with %d, want 410 without cookie and location", resp.StatusCode)
	}
	wantText(t, "page", body, "another browser")
	if got := count[SecondBrowser](received); got != 1 {
		t.Errorf("%d SecondBrowser events, want 1", got)
	}
}

// An image or a frame on a web page does not take the browser's place.
func TestStartRequiresATab(t *testing.T) {
	t.Parallel()
	pages, _ := servePages(t)
	for _, header := range []http.Header{
		{"Sec-Fetch-Mode": {"no-cors"}, "Sec-Fetch-Dest": {"image"}},
		{"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"iframe"}},
		{"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}, "Sec-Purpose": {"prefetch;prerender"}},
		{"Purpose": {"prefetch"}},
	} {
		if resp, _ := visit(t, browser(t), "GET", pages.port.startURL(), header); resp.StatusCode != http.StatusForbidden {
			t.Errorf("start answers %v with %d, want 403", header, resp.StatusCode)
		}
	}
	header := http.Header{"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}, "Sec-Fetch-Site": {"none"}}
	if resp, _ := visit(t, browser(t), "GET", pages.port.startURL(), header); resp.StatusCode != http.StatusFound {
		t.Errorf("start answers a tab with %d, want 302", resp.StatusCode)
	}
}

// A link on another page begins nothing: it leads to a page where the person can continue.
func TestStartFromAnotherPage(t *testing.T) {
	t.Parallel()
	signIn, _ := servePages(t)
	for what, pages := range map[string]*pageServer{"sign-in": signIn.pageServer, "sign-out": serveLogoutPage(t, peercred.Self).pageServer} {
		attacker, person := browser(t), browser(t)
		from := func(site string) http.Header {
			return http.Header{"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}, "Sec-Fetch-Site": {site}}
		}
		for _, site := range []string{"cross-site", "same-site", "a future value"} {
			resp, body := visit(t, attacker, "GET", pages.port.startURL(), from(site))
			if resp.StatusCode != http.StatusOK || resp.Header.Get("Location") != "" || resp.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s from %s: start answers %d with %v, want 200 without cookie and location", what, site, resp.StatusCode, resp.Header)
			}
			wantText(t, what, body, "<h1>Continue with the "+what+"?</h1>", `<a class="button" href="/start">Continue</a>`)
			wantText(t, "policy", resp.Header.Get("Content-Security-Policy"), "default-src 'none'", "frame-ancestors 'none'", "form-action 'none'")
			if resp.Header.Get("Cache-Control") != "no-store" || strings.Contains(body, "idp.example.com") || strings.Contains(body, "alice") {
				t.Errorf("%s from %s: the page is cached, or names the identity provider or the person", what, site)
			}
		}
		if resp, _ := visit(t, person, "GET", pages.port.startURL(), from("same-origin")); resp.StatusCode != http.StatusFound {
			t.Errorf("%s: Continue answers %d, want 302", what, resp.StatusCode)
		}
		if resp, _ := visit(t, attacker, "GET", pages.port.startURL(), from("none")); resp.StatusCode != http.StatusGone {
			t.Errorf("%s: then start answers another browser with %d, want 410", what, resp.StatusCode)
		}
	}
}

// A browser that leaves during slow discovery can load the page again.
func TestStartAfterAReload(t *testing.T) {
	t.Parallel()
	pages, _ := servePages(t)
	entered, left := make(chan struct{}), make(chan struct{})
	var once sync.Once
	slow := pages.authURL
	pages.authURL = func(ctx context.Context) (string, error) {
		impatient := false
		once.Do(func() { impatient = true })
		if impatient {
			close(entered)
			<-ctx.Done()
			defer close(left)
			return "", ctx.Err()
		}
		return slow(ctx)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-entered; cancel() }()
	req, err := http.NewRequestWithContext(ctx, "GET", pages.port.startURL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := browser(t).Do(req); !errors.Is(err, context.Canceled) {
		t.Fatalf("the impatient request ended with %v", err)
	}
	<-left
	select {
	case <-pages.shown:
		t.Error("a page that was not sent counts as shown")
	default:
	}
	if resp, _ := visit(t, browser(t), "GET", pages.port.startURL(), nil); resp.StatusCode != http.StatusFound {
		t.Errorf("start answers the reload with %d, want 302", resp.StatusCode)
	}
}

// Requests that are not from our browser are refused, and its response is still accepted.
func TestForeignRequestsDoNotEndTheWait(t *testing.T) {
	t.Parallel()
	pages, received := servePages(t)
	person, other := browser(t), browser(t)
	visit(t, person, "GET", pages.port.startURL(), nil)
	base := strings.TrimSuffix(pages.port.redirectURI(), "/callback")
	code := func(state string) string { return pages.callbackURL(url.Values{"code": {"c"}, "state": {state}}) }
	refused := []struct {
		name   string
		client *http.Client
		method string
		url    string
		host   string
		status int
	}{
		{"favicon", person, "GET", base + "/favicon.ico", "", 404},
		{"root", person, "GET", base + "/", "", 404},
		{"longer path", person, "GET", base + "/callback/x?code=c&state=" + pages.request.state, "", 404},
		{"foreign Host", person, "GET", code(pages.request.state), "evil.example.com", 421},
		{"Host without port", person, "GET", code(pages.request.state), "127.0.0.1", 421},
		{"POST", person, "POST", code(pages.request.state), "", 405},
		{"HEAD", person, "HEAD", code(pages.request.state), "", 405},
		{"no state", person, "GET", pages.callbackURL(url.Values{"code": {"c"}}), "", 400},
		{"wrong state", person, "GET", code("x" + pages.request.state[1:] + "y"), "", 400},
		{"error without state", person, "GET", pages.callbackURL(url.Values{"error": {"access_denied"}}), "", 400},
		{"error with wrong state", person, "GET", pages.callbackURL(url.Values{"error": {"access_denied"}, "state": {"x"}}), "", 400},
		{"neither code nor error", person, "GET", pages.callbackURL(url.Values{"state": {pages.request.state}}), "", 400},
		{"code and error", person, "GET", pages.callbackURL(url.Values{"state": {pages.request.state}, "code": {"c"}, "error": {"e"}}), "", 400},
		{"two codes", person, "GET", pages.callbackURL(url.Values{"state": {pages.request.state}, "code": {"c", "d"}}), "", 400},
		{"unreadable query", person, "GET", pages.port.redirectURI() + "?%zz&code=c&state=" + pages.request.state, "", 400},
		{"no cookie", other, "GET", code(pages.request.state), "", 403},
		{"no cookie, error", other, "GET", pages.callbackURL(url.Values{"error": {"access_denied"}, "state": {pages.request.state}}), "", 403},
		{"last page before the response", person, "GET", base + "/done/" + pages.lastPageID, "", 403},
	}
	for _, test := range refused {
		var header http.Header
		if test.host != "" {
			header = http.Header{"Host": {test.host}}
		}
		resp, body := visit(t, test.client, test.method, test.url, header)
		if resp.StatusCode != test.status {
			t.Errorf("%s: HTTP %d, want %d", test.name, resp.StatusCode, test.status)
		}
		if test.name == "no cookie" {
			wantText(t, test.name, body, "came back in another browser, browser profile or container", "daypass login --no-browser")
		}
		if strings.Contains(body, pages.request.state) || strings.Contains(body, pages.cookie) {
			t.Errorf("%s: the page quotes a secret", test.name)
		}
	}
	if len(pages.responses) != 0 {
		t.Fatalf("a foreign request was accepted as the response: %+v", <-pages.responses)
	}
	if got := count[AnswerElsewhere](received); got != 1 {
		t.Errorf("%d AnswerElsewhere events, want 1", got)
	}
	if resp, _ := visit(t, person, "GET", code(pages.request.state), nil); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("the response gets HTTP %d, want 303", resp.StatusCode)
	}
	got, err := pages.wait(t.Context(), &future[metadata]{done: make(chan struct{})})
	if err != nil || got.code != "c" {
		t.Errorf("wait() = %+v, %v, want the code", got, err)
	}
	if resp, _ := visit(t, person, "GET", code(pages.request.state), nil); resp.StatusCode != http.StatusSeeOther || len(pages.responses) != 0 {
		t.Errorf("a reload of the response gets HTTP %d and is accepted %d times, want 303 and 0", resp.StatusCode, len(pages.responses))
	}
}

// A cookie with another name or value is refused.
func TestWrongCookie(t *testing.T) {
	t.Parallel()
	pages, _ := servePages(t)
	visit(t, browser(t), "GET", pages.port.startURL(), nil)
	for _, cookie := range []string{pages.cookieName() + "=x", pages.cookieName() + "=", "daypass=" + pages.cookie} {
		header := http.Header{"Cookie": {cookie}, "Host": {pages.port.redirect.Host}}
		resp, _ := visit(t, browser(t), "GET", pages.callbackURL(url.Values{"code": {"c"}, "state": {pages.request.state}}), header)
		if resp.StatusCode != http.StatusForbidden || len(pages.responses) != 0 {
			t.Errorf("cookie %q: HTTP %d and %d responses, want 403 and none", cookie, resp.StatusCode, len(pages.responses))
		}
	}
}

// Of two concurrent responses, the first is accepted. Both get the same last page.
func TestTwoResponses(t *testing.T) {
	t.Parallel()
	pages, _ := servePages(t)
	person := browser(t)
	visit(t, person, "GET", pages.port.startURL(), nil)
	var both sync.WaitGroup
	for _, code := range []string{"one", "two"} {
		both.Go(func() {
			resp, err := person.Get(pages.callbackURL(url.Values{"code": {code}, "state": {pages.request.state}}))
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusSeeOther {
				t.Errorf("response %s: HTTP %d, want 303", code, resp.StatusCode)
			}
		})
	}
	both.Wait()
	if got := len(pages.responses); got != 1 {
		t.Errorf("%d responses were accepted, want 1", got)
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	pages, _ := servePages(t)
	for _, path := range []string{"/start", "/callback", "/favicon.ico", "/done/" + pages.lastPageID} {
		resp, _ := visit(t, browser(t), "GET", strings.TrimSuffix(pages.port.redirectURI(), "/callback")+path, nil)
		for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
			"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"} {
			wantText(t, path+" "+name, resp.Header.Get(name), want)
		}
	}
}

func TestWaitEndsWithContext(t *testing.T) {
	t.Parallel()
	pages, _ := servePages(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := pages.wait(ctx, &future[metadata]{done: make(chan struct{})})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("wait() ended with %v, want the deadline", err)
	}
	wantText(t, "error", err.Error(), "timed out after ", "without a response in the browser")
}
