package login

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/internal/peercred"
)

// If another user opens the start page first, this user can still open it. Root counts as this user only where a relay
// may connect in the browser's place.
func TestStartIsForThisUser(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		peer     peercred.Peer
		relayed  bool
		err      error
		admitted bool
	}{
		{"this user", peercred.Self, false, nil, true},
		{"another user", peercred.Other, false, nil, false},
		{"another user, with a relay", peercred.Other, true, nil, false},
		{"root", peercred.Root, false, nil, false},
		{"root, with a relay", peercred.Root, true, nil, true},
		{"a system that cannot tell", peercred.Unsupported, false, nil, true},
		{"not known", peercred.Other, true, syscall.EMFILE, false},
	} {
		pages, received := servePages(t)
		pages.peer = func(*http.Request) (peercred.Peer, error) { return row.peer, row.err }
		pages.relayed.Store(row.relayed)
		resp, body := visit(t, browser(t), "GET", pages.port.startURL(), nil)
		if row.admitted {
			if resp.StatusCode != http.StatusFound {
				t.Errorf("%s: start answers %d, want 302", row.name, resp.StatusCode)
			}
			continue
		}
		status, text, second, warnings := http.StatusForbidden, "another user", 1, 0
		if row.err != nil {
			status, text, second, warnings = http.StatusServiceUnavailable, "Load it again", 0, 1
		}
		if resp.StatusCode != status || resp.Header.Get("Location") != "" || resp.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: start answers %d, want %d without cookie and location", row.name, resp.StatusCode, status)
		}
		wantText(t, row.name, body, text)
		if got, warned := count[SecondBrowser](received), count[Warning](received); got != second || warned != warnings {
			t.Errorf("%s: %d SecondBrowser events and %d warnings, want %d and %d", row.name, got, warned, second, warnings)
		}
		pages.peer = from(peercred.Self)
		if resp, _ := visit(t, browser(t), "GET", pages.port.startURL(), nil); resp.StatusCode != http.StatusFound {
			t.Errorf("%s: then start answers this user with %d, want 302", row.name, resp.StatusCode)
		}
	}
}

// A relay is expected if no browser was opened here.
func TestRelayIsExpected(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		open func(string) error
		want bool
	}{
		"opened":     {func(string) error { return nil }, peercred.InContainer()},
		"failed":     {func(string) error { return errors.New("no browser here") }, true},
		"no browser": {nil, true},
	} {
		pages, received := servePages(t)
		(&Login{Open: row.open}).openBrowser(&notifier{notify: received.add}, pages.pageServer, BrowserOpening{})
		if got := pages.relayed.Load(); got != row.want {
			t.Errorf("%s: a relay is expected: %t, want %t", name, got, row.want)
		}
	}
}

// Many connections in the middle of a request do not block the start page, and do not close the connection of the browser
// that waits for the last page.
func TestManyConnections(t *testing.T) {
	t.Parallel()
	pages, _ := servePages(t)
	person := browser(t)
	// One connection for all three pages: it has sent the cookie before it waits for the last page.
	tab := *person
	tab.Transport = &http.Transport{MaxConnsPerHost: 1}
	t.Cleanup(tab.CloseIdleConnections)
	visit(t, &tab, "GET", pages.port.startURL(), nil)
	visit(t, &tab, "GET", pages.callbackURL(url.Values{"state": {pages.request.state}, "code": {"c"}}), nil)
	waiting := make(chan string, 1)
	go func() {
		resp, err := tab.Get("http://" + pages.port.redirect.Host + "/done/" + pages.lastPageID)
		if err != nil {
			waiting <- err.Error()
			return
		}
		resp.Body.Close()
		waiting <- resp.Status
	}()

	var conns []net.Conn
	for range 4 * maxConns {
		conn, err := net.Dial("tcp", pages.port.redirect.Host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, "POST /start HTTP/1.1\r\nHost: "+pages.port.redirect.Host+"\r\nContent-Length: 9999\r\n\r\nx")
		conns = append(conns, conn)
	}
	conns[0].SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.Copy(io.Discard, conns[0]); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the oldest of %d connections is still open", len(conns))
	}
	if resp, _ := visit(t, person, "GET", pages.port.startURL(), nil); resp.StatusCode != http.StatusFound {
		t.Errorf("with many open connections the start page answers %d, want 302", resp.StatusCode)
	}
	pages.settle(outcome{user: "alice"})
	if got := <-waiting; got != "200 OK" {
		t.Errorf("the browser that waited for the last page got %q, want 200 OK", got)
	}
}
