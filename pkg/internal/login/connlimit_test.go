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

// Connections held open, mute or in the middle of a request, use up nothing and do not close that of the
// browser that waits for the last page.
func TestMuteConnections(t *testing.T) {
	t.Parallel()
	a, _ := newServed(t)
	person := browser(t)
	// One connection for all three pages: it has shown the cookie before it waits for the last one.
	tab := *person
	tab.Transport = &http.Transport{MaxConnsPerHost: 1}
	t.Cleanup(tab.CloseIdleConnections)
	visit(t, &tab, "GET", a.port.startURL(), nil)
	visit(t, &tab, "GET", a.callbackURL(url.Values{"state": {a.state}, "code": {"c"}}), nil)
	waiting := make(chan string, 1)
	go func() {
		resp, err := tab.Get("http://" + a.port.redirect.Host + "/done")
		if err != nil {
			waiting <- err.Error()
			return
		}
		resp.Body.Close()
		waiting <- resp.Status
	}()

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
		t.Errorf("beside mute connections the start page answers %d, want 302", resp.StatusCode)
	}
	a.settle(outcome{who: "alice"})
	if got := <-waiting; got != "200 OK" {
		t.Errorf("the browser that waited for the last page got %q, want 200 OK", got)
	}
}
