package login

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"
)

// If another user opens the start page first, this user can still open it.
func TestStartIsForThisUser(t *testing.T) {
	t.Parallel()
	pages, received := servePages(t)
	other := true
	pages.isOther = func(*http.Request) bool { return other }
	resp, body := visit(t, browser(t), "GET", pages.port.startURL(), nil)
	if resp.StatusCode != http.StatusForbidden || resp.Header.Get("Location") != "" || resp.Header.Get("Set-Cookie") != "" {
		t.Errorf("start answers another user with %d, want 403 without cookie and location", resp.StatusCode)
	}
	wantText(t, "page", body, "another user")
	if got := count[SecondBrowser](received); got != 1 {
		t.Errorf("%d SecondBrowser events, want 1", got)
	}
	other = false
	if resp, _ := visit(t, browser(t), "GET", pages.port.startURL(), nil); resp.StatusCode != http.StatusFound {
		t.Errorf("then start answers this user with %d, want 302", resp.StatusCode)
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
