package login

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/sandbox"
)

// signInWithTab signs in with a Tab. The last page is sent to the channel. again loads it once more.
func signInWithTab(t *testing.T, l *Login, idp *sandbox.IdP) (pages <-chan tab, again func() (*http.Response, string)) {
	t.Helper()
	shown, addresses := make(chan tab, 1), make(chan string, 1)
	c := browser(t)
	l.Open = func(start string) error {
		resp, _ := visit(t, c, "GET", start, nil)
		resp, _ = visit(t, c, "GET", resp.Header.Get("Location"), nil)
		resp, _ = visit(t, c, "GET", resp.Header.Get("Location"), nil)
		done, err := resp.Location()
		if err != nil {
			return err
		}
		addresses <- done.String()
		resp, page := visit(t, c, "GET", done.String(), nil)
		shown <- tab{page: page, status: resp.StatusCode}
		return nil
	}
	if _, err := l.SignIn(limited(t)); err != nil {
		t.Fatal(err)
	}
	return shown, func() (*http.Response, string) { return visit(t, c, "GET", <-addresses, nil) }
}

// The last page shows what AWS did with the grant, also when it is loaded again.
func TestTab(t *testing.T) {
	t.Parallel()
	for result, want := range map[Result]string{
		Accepted: "<h1>Signed in as alice@example.com</h1>",
		Refused:  "<h1>Signed in, but AWS refused: see the terminal</h1>",
		Failed:   "<h1>Signed in, but there are no AWS credentials: see the terminal</h1>",
	} {
		idp := newIdP(t, nil)
		l, _ := newLogin(t, idp.URL())
		l.Tab = &Tab{}
		pages, again := signInWithTab(t, l, idp)
		l.Tab.Settle(result)
		l.Tab.Settle(Unknown) // the first counts
		l.Tab.Wait()
		first := <-pages
		wantText(t, "page", first.page, want)
		if failed := result != Accepted; failed != (first.status >= http.StatusBadRequest) {
			t.Errorf("result %d: HTTP %d", result, first.status)
		}
		resp, page := again()
		if page != first.page {
			t.Errorf("loaded again it is %q, want %q", page, first.page)
		}
		if cache := resp.Header.Get("Cache-Control"); !strings.HasPrefix(cache, "private") {
			t.Errorf("Cache-Control %q, want that a restored tab can use the cache", cache)
		}
	}
}

// Without a result in time, the page says only where the person signed in. SignIn has returned before.
func TestTabWithoutResult(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, nil)
	l, _ := newLogin(t, idp.URL())
	l.Tab = &Tab{}
	began := time.Now()
	pages, _ := signInWithTab(t, l, idp)
	if took := time.Since(began); took >= pageLimit {
		t.Errorf("SignIn took %v, want it not to wait for the page", took)
	}
	l.Tab.Wait()
	wantText(t, "page", (<-pages).page, "<h1>Signed in at 127.0.0.1:", "Go back to the terminal.")
}

// A port that the profile names is released for the next sign-in, also if the tab has been closed.
func TestTabReleasesAFixedPort(t *testing.T) {
	t.Parallel()
	p, err := listen(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	p.close()
	idp := newIdP(t, nil)
	l, _ := newLogin(t, idp.URL())
	l.RedirectURIs, l.Tab = []string{p.redirectURI()}, &Tab{}
	l.Open = func(start string) error {
		c := browser(t)
		resp, _ := visit(t, c, "GET", start, nil)
		resp, _ = visit(t, c, "GET", resp.Header.Get("Location"), nil)
		visit(t, c, "GET", resp.Header.Get("Location"), nil)
		return nil
	}
	if _, err := l.SignIn(limited(t)); err != nil {
		if _, ok := errors.AsType[*PortInUseError](err); ok {
			t.Skip("another test took the port")
		}
		t.Fatal(err)
	}
	l.Tab.Settle(Accepted)
	l.Tab.Wait()
	rebind(t, p.startURL())
}
