package credserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/daypass/daypass/pkg/internal/peercred"
	"github.com/daypass/daypass/pkg/internal/weburl"
)

// refusal says why a request was refused. The reason does not reveal the expected value.
type refusal struct {
	status       int
	code, reason string
}

var _ http.Handler = (*Server)(nil)

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if refused, bad := s.check(r); bad {
		if e, ok := s.refusals.report(s.Now(), refused.reason, r.RemoteAddr); ok {
			s.notify(e)
		}
		if refused.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", http.MethodGet)
		}
		w.Header().Set("Connection", "close")
		answerError(w, refused.status, refused.code, refused.reason)
		return
	}
	s.limit.Exempt(r)
	c, err := s.refresher.credential(r.Context())
	if err != nil {
		s.answerFailure(w, err)
		return
	}
	var document bytes.Buffer
	if err := c.WriteContainer(&document); err != nil {
		s.answerFailure(w, err)
		return
	}
	answer(w, http.StatusOK, document.Bytes())
}

// check checks the client first. A page in a browser can send a GET to any address. It is recognized by headers that
// it cannot suppress and, if its own host name was rebound to this address (DNS rebinding), by the Host header. The
// port in Host may be another one, that of the other end of a tunnel.
//
// Root is accepted beside this user: a container on the host's network may run as root, and root can read the token
// from this process in any case.
func (s *Server) check(r *http.Request) (why refusal, bad bool) {
	switch peer, err := s.peer(r); {
	case err != nil:
		return refusal{http.StatusServiceUnavailable, "unknown_user", "cannot tell which user of this machine sent the request: " + err.Error()}, true
	case peer == peercred.Other:
		return refusal{http.StatusForbidden, "other_user", "the request comes from another user of this machine"}, true
	case !isLoopback(r.Host):
		return refusal{http.StatusForbidden, "foreign_host", "the Host header names no loopback address"}, true
	case fromBrowser(r.Header):
		return refusal{http.StatusForbidden, "browser", "the request comes from a browser"}, true
	case r.Method != http.MethodGet:
		return refusal{http.StatusMethodNotAllowed, "method", "the method is not GET"}, true
	case r.URL.Path != path || r.URL.RawQuery != "":
		return refusal{http.StatusNotFound, "path", "the path differs from AWS_CONTAINER_CREDENTIALS_FULL_URI"}, true
	case r.ContentLength != 0:
		return refusal{http.StatusRequestEntityTooLarge, "body", "the request has a body"}, true
	case len(r.Header.Values("Authorization")) == 0:
		return refusal{http.StatusUnauthorized, "no_token", "the request has no Authorization header"}, true
	case !s.isToken(r.Header.Values("Authorization")):
		return refusal{http.StatusUnauthorized, "wrong_token", "the Authorization header does not have this server's token"}, true
	}
	return refusal{}, false
}

// isToken compares in constant time.
func (s *Server) isToken(values []string) bool {
	got, want := sha256.Sum256([]byte(values[0])), sha256.Sum256([]byte(s.token.Reveal()))
	return len(values) == 1 && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// isLoopback accepts any port, and no port.
func isLoopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
	}
	return weburl.IsLoopback(host)
}

func fromBrowser(h http.Header) bool {
	for name := range h {
		if name == "Origin" || strings.HasPrefix(name, "Sec-Fetch-") {
			return true
		}
	}
	return false
}

// errRenewing is the error of a request that cannot wait any longer.
var errRenewing = errors.New("the credential is still being renewed")

func (s *Server) answerFailure(w http.ResponseWriter, err error) {
	f := s.failure(err)
	status := http.StatusServiceUnavailable
	if f.Final {
		status = http.StatusForbidden
	}
	answerError(w, status, f.Code, f.Message)
}

func (s *Server) failure(err error) Failure {
	switch {
	case errors.Is(err, errRenewing) || errors.Is(err, context.Canceled):
		return Failure{Code: "renewing", Message: "the credential is being renewed"}
	case s.Explain == nil:
		return Failure{Code: "unavailable", Message: "no credential is available at the moment"}
	}
	return s.Explain(err)
}

func answerError(w http.ResponseWriter, status int, code, message string) {
	document, err := json.Marshal(map[string]string{"code": code, "message": message})
	if err != nil {
		panic(err) // strings can always be marshaled
	}
	answer(w, status, document)
}

// answer writes the document at once, so that net/http adds its length.
func answer(w http.ResponseWriter, status int, document []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(document) // it fails if the client has left
}
