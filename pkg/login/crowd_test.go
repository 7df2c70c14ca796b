package login

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"testing"
	"time"
)

// Whoever holds connections open, mute or in the middle of a request, uses up nothing, and does not
// push out the browser that waits for the last page.
func TestCrowdOfMuteConnections(t *testing.T) {
	t.Parallel()
	a, _ := newServed(t)
	person := browser(t)
	visit(t, person, "GET", a.port.startURL(), nil)
	visit(t, person, "GET", a.callbackURL(url.Values{"state": {a.state}, "code": {"c"}}), nil)
	waiting := make(chan string, 1)
	go func() {
		resp, err := person.Get("http://" + a.port.redirect.Host + "/done")
		if err != nil {
			waiting <- err.Error()
			return
		}
		resp.Body.Close()
		waiting <- resp.Status
	}()
	for !heldAlone(a) {
		runtime.Gosched()
	}

	var conns []net.Conn
	for range 4 * maxConns {
		conn, err := net.Dial("tcp", a.port.redirect.Host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		io.WriteString(conn, "POST /start HTTP/1.1\r\nHost: "+a.port.redirect.Host+"\r\nContent-Length: 9999\r\n\r\nx")
		conns = append(conns, conn)
	}
	conns[0].SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.Copy(io.Discard, conns[0]); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the oldest of %d connections is still open", len(conns))
	}
	if resp, _ := visit(t, person, "GET", a.port.startURL(), nil); resp.StatusCode != http.StatusFound {
		t.Errorf("beside the crowd the start page answers %d, want 302", resp.StatusCode)
	}
	a.settle(outcome{who: "alice"})
	if got := <-waiting; got != "200 OK" {
		t.Errorf("the browser that waited for the last page got %q, want 200 OK", got)
	}
}

// heldAlone reports whether a connection is held on to that is still open: the one to the last page.
func heldAlone(a *attempt) bool {
	a.crowd.mu.Lock()
	defer a.crowd.mu.Unlock()
	return len(a.crowd.open) == 1 && a.crowd.ours[a.crowd.open[0]]
}
