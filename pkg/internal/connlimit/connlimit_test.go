package connlimit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// served is a server with a limit. /exempt exempts its connection.
type served struct {
	*testing.T
	limit   *Limit
	address string
	isOther atomic.Bool // of the following connections
}

func serve(t *testing.T, limit *Limit) *served {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &served{T: t, limit: limit, address: l.Addr().String()}
	limit.IsOther = func(net.Conn) bool { return s.isOther.Load() }
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/exempt" {
			limit.Exempt(r)
		}
	})}
	limit.Watch(server)
	go server.Serve(Listener(l))
	t.Cleanup(func() { server.Close() })
	return s
}

// dial opens a connection and returns when the server has accepted it.
func (s *served) dial() net.Conn {
	s.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { conn.Close() })
	s.await("the connection to be accepted", func() bool {
		for _, c := range s.limit.open {
			if c.RemoteAddr().String() == conn.LocalAddr().String() {
				return true
			}
		}
		return false
	})
	return conn
}

// await returns when the condition is true for the connections that the limit counts.
func (s *served) await(what string, condition func() bool) {
	s.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		s.limit.mu.Lock()
		done := condition()
		s.limit.mu.Unlock()
		if done {
			return
		}
		if time.Now().After(deadline) {
			s.Fatalf("waited too long for %s", what)
		}
	}
}

func (s *served) get(conn net.Conn, path string) int {
	s.Helper()
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		s.Errorf("%s: %v", path, err)
		return 0
	}
	resp.Body.Close()
	return resp.StatusCode
}

func (s *served) wantClosed(conn net.Conn, name string) {
	s.Helper()
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
		s.Errorf("%s is still open", name)
	}
}

func (s *served) wantOpen(conn net.Conn, name string) {
	s.Helper()
	if status := s.get(conn, "/"); status == 0 {
		s.Errorf("%s was closed", name)
	}
}

func TestOldestIsClosed(t *testing.T) {
	t.Parallel()
	s := serve(t, &Limit{Max: 2})
	first, second, third := s.dial(), s.dial(), s.dial()
	s.wantClosed(first, "the oldest of three")
	s.wantOpen(second, "the second of three")
	s.wantOpen(third, "the third of three")
}

func TestClosedConnectionsDoNotCount(t *testing.T) {
	t.Parallel()
	s := serve(t, &Limit{Max: 2})
	first := s.dial()
	for range 5 {
		s.dial().Close()
		s.await("the closed connection to leave", func() bool { return len(s.limit.open) == 1 })
	}
	s.wantOpen(first, "the first connection")
}

func TestExemptIsNotClosed(t *testing.T) {
	t.Parallel()
	s := serve(t, &Limit{Max: 1})
	first := s.dial()
	if status := s.get(first, "/exempt"); status != http.StatusOK {
		t.Fatalf("answered with %d, want 200", status)
	}
	second := s.dial()
	s.wantOpen(second, "the second connection, beside an exempt one,")
	third := s.dial()
	s.wantClosed(second, "the second connection")
	s.wantOpen(third, "the third connection")
	s.wantOpen(first, "the exempt connection")
}

// Other users' connections do not displace this user's.
func TestOtherUsers(t *testing.T) {
	t.Parallel()
	s := serve(t, &Limit{Max: 2, MaxOthers: 1})
	own := []net.Conn{s.dial(), s.dial()}
	s.isOther.Store(true)
	first, second := s.dial(), s.dial()
	s.wantClosed(first, "the other user's first connection")
	for _, conn := range own {
		s.wantOpen(conn, "this user's connection")
	}
	s.isOther.Store(false)
	s.dial()
	s.wantClosed(own[0], "this user's oldest connection")
	s.wantOpen(second, "the other user's second connection")
}
