// Package sandbox runs an identity provider and the parts of AWS that daypass uses, on loopback, for tests and
// rehearsals.
//
// It has five small servers: an OpenID Connect provider (IdP), a plain OAuth 2.0 provider, STS, Cognito identity
// pools and S3. They verify what real ones verify: PKCE, token signatures, trust policies, request signatures, expiry
// and permissions. They listen on 127.0.0.1 only.
//
// The behavior is AWS's as documented or observed. Comments mark what is assumed. One rule of AWS is not enforced:
// that issuers use https.
//
// Start starts all servers, connected to each other; StartWith does so with Options. Each server has a clock in the
// field Now, which is time.Now by default. Set fields before the first request; IdP.Set and Break may be called at
// any time.
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

// maxForm is the limit of a request body, in bytes, for the servers without uploads.
const maxForm = 1 << 20

// server is what the five servers have in common: a listener on loopback, a clock and counters.
type server struct {
	// Now is the server's clock, which also sets the Date header. Set it before the first request.
	Now func() time.Time

	url      string
	listener *tlsListener
	http     *http.Server
	done     chan struct{}
	closing  sync.Once
	log      *requestLog           // nil if requests are not logged
	before   func(r *http.Request) // called before each request; may be nil

	mu     sync.Mutex
	counts map[string]int
}

// start listens on that port of 127.0.0.1, or on a free one if it is 0, and serves h until Close.
func (s *server) start(h http.Handler, port int) error {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	s.Now, s.done, s.counts = time.Now, make(chan struct{}), map[string]int{}
	s.url, s.listener = "http://"+listener.Addr().String(), &tlsListener{Listener: listener}
	s.http = &http.Server{
		Handler:           s.logged(s.withDate(h)),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    1 << 16,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	go s.http.Serve(s.listener)
	return nil
}

// withDate sets the Date header to the server's time, which clients correct their clocks by.
func (s *server) withDate(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.before != nil {
			s.before(r)
		}
		w.Header().Set("Date", s.Now().UTC().Format(http.TimeFormat))
		h.ServeHTTP(w, r)
	})
}

// logged logs each request after it ended, if there is a log.
func (s *server) logged(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.log == nil {
			h.ServeHTTP(w, r)
			return
		}
		s.log.serve(w, r, h)
	})
}

// secure makes the server use TLS. Call it before the first request and before URL.
func (s *server) secure(config *tls.Config) {
	s.listener.tls.Store(config)
	s.url = "https://" + s.listener.Addr().String()
}

// tlsListener is a listener that uses TLS if it has a configuration for it.
type tlsListener struct {
	net.Listener
	tls atomic.Pointer[tls.Config]
}

// Accept implements net.Listener.
func (d *tlsListener) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	if config := d.tls.Load(); err == nil && config != nil {
		return tls.Server(conn, config), nil
	}
	return conn, err
}

// URL returns the server's address, http://127.0.0.1:PORT (https with Options.TLS), without a trailing slash.
func (s *server) URL() string { return s.url }

// Close stops the server and every pending request.
func (s *server) Close() error {
	s.closing.Do(func() { close(s.done) })
	err := s.http.Close()
	_ = s.listener.Close() // the port is free on return, even if Serve has not begun
	return err
}

// Count returns how often something was requested; the server's type lists the names.
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

// wait waits for d, or until the client or the server is gone. It reports whether the request should still be
// answered.
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

// random returns n random bytes in base64url.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
