package login

import (
	"net/http"
	"testing"
)

// Another user who is there before the browser uses nothing up.
func TestStartIsForThisUser(t *testing.T) {
	t.Parallel()
	a, told := newServed(t)
	others := true
	a.isOthers = func(*http.Request) bool { return others }
	resp, body := visit(t, browser(t), "GET", a.port.startURL(), nil)
	if resp.StatusCode != http.StatusForbidden || resp.Header.Get("Location") != "" || resp.Header.Get("Set-Cookie") != "" {
		t.Errorf("start answers another user with %d, want 403 without cookie and location", resp.StatusCode)
	}
	wantText(t, "page", body, "another user")
	if got := count[SecondBrowser](told); got != 1 {
		t.Errorf("told %d times, want once", got)
	}
	others = false
	if resp, _ := visit(t, browser(t), "GET", a.port.startURL(), nil); resp.StatusCode != http.StatusFound {
		t.Errorf("then start answers the person with %d, want 302", resp.StatusCode)
	}
}
