// Package sandbox answers: what would an IdP and AWS say, here on loopback?
//
// It is five small servers (IdP, a plain OAuth provider, STS, Cognito identity pools, S3) that verify
// what they are given: PKCE, token signatures, trust, request signatures, expiry, permissions. Nothing is
// rubber-stamped. They listen on 127.0.0.1 and nowhere else.
//
// Where AWS documents or is known to do a thing, they do that; the rest is marked «assumed». The one
// rule of AWS that cannot hold here is that an issuer is https.
//
// Start starts all of them, wired to each other; StartWith does so with Options. Each server has a field
// Now, its clock (time.Now at first). Fields are set before the first request; what changes later goes
// through IdP.Set and Break.
package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// maxForm is the largest request body, in bytes, that the servers without uploads read.
const maxForm = 1 << 20

// server is what the five have in common: a listener on loopback, a clock and counters.
type server struct {
	// Now is the server's clock, its Date header included. Set it before the first request.
	Now func() time.Time

	url     string
	door    *door
	http    *http.Server
	done    chan struct{}
	closing sync.Once
	log     *requestLog           // nil: nobody reads one
	before  func(r *http.Request) // nil: nothing to do before a request

	mu     sync.Mutex
	counts map[string]int
}

// start binds that port of 127.0.0.1, or a free one if it is 0, and serves h until Close.
func (s *server) start(h http.Handler, port int) error {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	s.Now, s.done, s.counts = time.Now, make(chan struct{}), map[string]int{}
	s.url, s.door = "http://"+listener.Addr().String(), &door{Listener: listener}
	s.http = &http.Server{
		Handler:           s.logged(s.dated(h)),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    1 << 16,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	go s.http.Serve(s.door)
	return nil
}

// dated sends the server's own time, which clients correct their clocks by.
func (s *server) dated(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.before != nil {
			s.before(r)
		}
		w.Header().Set("Date", s.Now().UTC().Format(http.TimeFormat))
		h.ServeHTTP(w, r)
	})
}

// logged tells of each request when it is over, if anybody listens.
func (s *server) logged(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.log == nil {
			h.ServeHTTP(w, r)
			return
		}
		s.log.serve(w, r, h)
	})
}

// secure has the server speak TLS. Call it before the first request and before URL.
func (s *server) secure(config *tls.Config) {
	s.door.tls.Store(config)
	s.url = "https://" + s.door.Addr().String()
}

// door is a listener that speaks TLS once it has a configuration for it.
type door struct {
	net.Listener
	tls atomic.Pointer[tls.Config]
}

// Accept implements net.Listener.
func (d *door) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	if config := d.tls.Load(); err == nil && config != nil {
		return tls.Server(conn, config), nil
	}
	return conn, err
}

// URL is the server's address, http://127.0.0.1:PORT (https with Options.TLS), without a slash at the end.
func (s *server) URL() string { return s.url }

// Close ends the server and every request in it.
func (s *server) Close() error {
	s.closing.Do(func() { close(s.done) })
	err := s.http.Close()
	_ = s.door.Close() // the port is free on return, even if Serve has not begun
	return err
}

// Count says how often something was asked of the server; its type lists the names.
func (s *server) Count(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[name]
}

func (s *server) count(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[name]++
}

// wait holds a request for d, or until its client or the server is gone, and reports whether it
// should still be answered.
func (s *server) wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-s.done:
	}
	return false
}

// random is an unguessable text of n bytes of randomness, base64url.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
