package endpoint

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
)

// Another user is told so, whatever he knows.
func TestOtherUser(t *testing.T) {
	t.Parallel()
	s, told := started(t, func(s *Server) { s.listener.isOther = func(net.Conn) bool { return true } })
	resp, body := get(t, s, nil)
	if resp.StatusCode != http.StatusForbidden || !strings.Contains(body, "other_user") {
		t.Errorf("answered with %d %s, want 403 other_user", resp.StatusCode, body)
	}
	if reasons := told.refused(); len(reasons) != 1 {
		t.Errorf("told %q, want the refusal once", reasons)
	}
	wantNoHint(t, s, body)
}

// Other users have a few places and take none of the owner's; whoever comes when those are taken waits,
// and Close ends that.
func TestPlaces(t *testing.T) {
	t.Parallel()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	other := true
	l := newLimited(inner, func(net.Conn) bool { return other })
	l.own, l.others = make(chan struct{}, 1), make(chan struct{}, 1)
	dial := func() net.Conn {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	dial()
	first, err := l.Accept()
	if err != nil || !first.(*placed).isOther {
		t.Fatalf("%v, %v, want another user's connection", first, err)
	}
	sentAway := dial()
	accepted, errs := make(chan net.Conn), make(chan error)
	accept := func() {
		c, err := l.Accept()
		if err != nil {
			errs <- err
			return
		}
		accepted <- c
	}
	go accept()
	if _, err := sentAway.Read(make([]byte, 1)); err == nil {
		t.Error("another user's second connection is not closed")
	}
	first.Close()
	dial()
	(<-accepted).Close() // the place is free again
	other = false
	dial()
	go accept()
	own := <-accepted
	dial()
	go accept() // waits
	own.Close()
	<-accepted
	dial()
	go accept()
	l.Close()
	if err := <-errs; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept after Close: %v, want net.ErrClosed", err)
	}
}
