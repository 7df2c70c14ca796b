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
)

// newServed returns an attempt that is being served, with an IdP that is never reached.
func newServed(t *testing.T) (*attempt, *events) {
	t.Helper()
	p, err := listen(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	told := &events{}
	a := newAttempt(p, told.add)
	a.authURL = func(context.Context) (string, error) {
		return "https://idp.example.com/authorize?state=" + a.state, nil
	}
	a.serve()
	t.Cleanup(a.close)
	return a, told
}

func (a *attempt) callbackURL(values url.Values) string {
	return a.port.redirectURI() + "?" + values.Encode()
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
	a, told := newServed(t)
	first, second := browser(t), browser(t)
	for range 2 { // a reload is no second browser
		resp, body := visit(t, first, "GET", a.port.startURL(), nil)
		if resp.StatusCode != http.StatusFound || !strings.HasPrefix(resp.Header.Get("Location"), "https://idp.example.com/") {
			t.Errorf("start answers %d to %q, want 302 to the IdP", resp.StatusCode, resp.Header.Get("Location"))
		}
		if body != "" {
			t.Errorf("start repeats the URL in its body: %q", body)
		}
		cookie := resp.Header.Get("Set-Cookie")
		wantText(t, "cookie", cookie, "daypass-"+a.port.redirect.Port()+"=", "; Path=/", "; HttpOnly", "; SameSite=Lax")
	}
	resp, body := visit(t, second, "GET", a.port.startURL(), nil)
	if resp.StatusCode != http.StatusGone || resp.Header.Get("Set-Cookie") != "" || resp.Header.Get("Location") != "" {
		t.Errorf("start answers a second browser with %d, want 410 without cookie and location", resp.StatusCode)
	}
	wantText(t, "page", body, "another browser")
	if got := count[SecondBrowser](told); got != 1 {
		t.Errorf("told of %d second browsers, want 1", got)
	}
}

// An image or a frame on some page must not use the start page up.
func TestStartWantsATab(t *testing.T) {
	t.Parallel()
	a, _ := newServed(t)
	for _, header := range []http.Header{
		{"Sec-Fetch-Mode": {"no-cors"}, "Sec-Fetch-Dest": {"image"}},
		{"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"iframe"}},
		{"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}, "Sec-Purpose": {"prefetch;prerender"}},
		{"Purpose": {"prefetch"}},
	} {
		if resp, _ := visit(t, browser(t), "GET", a.port.startURL(), header); resp.StatusCode != http.StatusForbidden {
			t.Errorf("start answers %v with %d, want 403", header, resp.StatusCode)
		}
	}
	header := http.Header{"Sec-Fetch-Mode": {"navigate"}, "Sec-Fetch-Dest": {"document"}, "Sec-Fetch-Site": {"none"}}
	if resp, _ := visit(t, browser(t), "GET", a.port.startURL(), header); resp.StatusCode != http.StatusFound {
		t.Errorf("start answers a tab with %d, want 302", resp.StatusCode)
	}
}

// A browser that gives up while discovery is slow can come again.
func TestStartOutlivesAReload(t *testing.T) {
	t.Parallel()
	a, _ := newServed(t)
	entered, left := make(chan struct{}), make(chan struct{})
	var once sync.Once
	slow := a.authURL
	a.authURL = func(ctx context.Context) (string, error) {
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
	req, err := http.NewRequestWithContext(ctx, "GET", a.port.startURL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := browser(t).Do(req); !errors.Is(err, context.Canceled) {
		t.Fatalf("the impatient request ended with %v", err)
	}
	<-left
	select {
	case <-a.shown:
		t.Error("a page for nobody counts as shown")
	default:
	}
	if resp, _ := visit(t, browser(t), "GET", a.port.startURL(), nil); resp.StatusCode != http.StatusFound {
		t.Errorf("start answers the reload with %d, want 302", resp.StatusCode)
	}
}

// Requests that are not ours are refused, and the answer that is ours still arrives.
func TestStrangersCannotEndTheWait(t *testing.T) {
	t.Parallel()
	a, told := newServed(t)
	person, stranger := browser(t), browser(t)
	visit(t, person, "GET", a.port.startURL(), nil)
	base := strings.TrimSuffix(a.port.redirectURI(), "/callback")
	code := func(state string) string { return a.callbackURL(url.Values{"code": {"c"}, "state": {state}}) }
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
		{"longer path", person, "GET", base + "/callback/x?code=c&state=" + a.state, "", 404},
		{"foreign Host", person, "GET", code(a.state), "evil.example.com", 421},
		{"Host without port", person, "GET", code(a.state), "127.0.0.1", 421},
		{"POST", person, "POST", code(a.state), "", 405},
		{"HEAD", person, "HEAD", code(a.state), "", 405},
		{"no state", person, "GET", a.callbackURL(url.Values{"code": {"c"}}), "", 400},
		{"wrong state", person, "GET", code("x" + a.state[1:] + "y"), "", 400},
		{"error without state", person, "GET", a.callbackURL(url.Values{"error": {"access_denied"}}), "", 400},
		{"error with wrong state", person, "GET", a.callbackURL(url.Values{"error": {"access_denied"}, "state": {"x"}}), "", 400},
		{"neither code nor error", person, "GET", a.callbackURL(url.Values{"state": {a.state}}), "", 400},
		{"code and error", person, "GET", a.callbackURL(url.Values{"state": {a.state}, "code": {"c"}, "error": {"e"}}), "", 400},
		{"two codes", person, "GET", a.callbackURL(url.Values{"state": {a.state}, "code": {"c", "d"}}), "", 400},
		{"unreadable query", person, "GET", a.port.redirectURI() + "?%zz&code=c&state=" + a.state, "", 400},
		{"no cookie", stranger, "GET", code(a.state), "", 403},
		{"no cookie, error", stranger, "GET", a.callbackURL(url.Values{"error": {"access_denied"}, "state": {a.state}}), "", 403},
		{"the end before the answer", person, "GET", base + "/done", "", 403},
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
		if strings.Contains(body, a.state) || strings.Contains(body, a.cookie) {
			t.Errorf("%s: the page quotes a secret", test.name)
		}
	}
	if len(a.answers) != 0 {
		t.Fatalf("a stranger's request was taken for the answer: %+v", <-a.answers)
	}
	if got := count[AnswerElsewhere](told); got != 1 {
		t.Errorf("told of %d answers in another browser, want 1", got)
	}
	if resp, _ := visit(t, person, "GET", code(a.state), nil); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("the answer gets HTTP %d, want 303", resp.StatusCode)
	}
	got, err := a.wait(t.Context(), &later[metadata]{done: make(chan struct{})})
	if err != nil || got.code != "c" {
		t.Errorf("wait() = %+v, %v, want the code", got, err)
	}
	if resp, _ := visit(t, person, "GET", code(a.state), nil); resp.StatusCode != http.StatusSeeOther || len(a.answers) != 0 {
		t.Errorf("a reload of the answer gets HTTP %d and is taken %d times, want 303 and none", resp.StatusCode, len(a.answers))
	}
}

// A cookie that only looks like ours is not ours.
func TestWrongCookie(t *testing.T) {
	t.Parallel()
	a, _ := newServed(t)
	visit(t, browser(t), "GET", a.port.startURL(), nil)
	for _, cookie := range []string{a.cookieName() + "=x", a.cookieName() + "=", "daypass=" + a.cookie} {
		header := http.Header{"Cookie": {cookie}, "Host": {a.port.redirect.Host}}
		resp, _ := visit(t, browser(t), "GET", a.callbackURL(url.Values{"code": {"c"}, "state": {a.state}}), header)
		if resp.StatusCode != http.StatusForbidden || len(a.answers) != 0 {
			t.Errorf("cookie %q: HTTP %d and %d answers, want 403 and none", cookie, resp.StatusCode, len(a.answers))
		}
	}
}

// Two answers at once: the first counts, the other is shown the same end.
func TestTwoAnswers(t *testing.T) {
	t.Parallel()
	a, _ := newServed(t)
	person := browser(t)
	visit(t, person, "GET", a.port.startURL(), nil)
	var both sync.WaitGroup
	for _, code := range []string{"one", "two"} {
		both.Go(func() {
			resp, err := person.Get(a.callbackURL(url.Values{"code": {code}, "state": {a.state}}))
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusSeeOther {
				t.Errorf("answer %s: HTTP %d, want 303", code, resp.StatusCode)
			}
		})
	}
	both.Wait()
	if got := len(a.answers); got != 1 {
		t.Errorf("%d answers were taken, want 1", got)
	}
}

func TestEveryAnswerIsSafe(t *testing.T) {
	t.Parallel()
	a, _ := newServed(t)
	for _, path := range []string{"/start", "/callback", "/favicon.ico", "/done"} {
		resp, _ := visit(t, browser(t), "GET", strings.TrimSuffix(a.port.redirectURI(), "/callback")+path, nil)
		for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
			"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"} {
			wantText(t, path+" "+name, resp.Header.Get(name), want)
		}
	}
}

func TestWaitEndsWithContext(t *testing.T) {
	t.Parallel()
	a, _ := newServed(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err := a.wait(ctx, &later[metadata]{done: make(chan struct{})})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("wait() ended with %v, want the deadline", err)
	}
	wantText(t, "error", err.Error(), "nobody came back within")
}
