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

	"github.com/daypass/daypass/pkg/internal/connlimit"
	"github.com/daypass/daypass/pkg/internal/weburl"
)

// refusal is why a request gets no credential, in words that say nothing of what it should have been.
type refusal struct {
	status       int
	code, reason string
}

var _ http.Handler = (*Server)(nil)

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if refused, bad := s.check(r); bad {
		if e, ok := s.refusals.tell(s.Now(), refused.reason, r.RemoteAddr); ok {
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
	c, err := s.keeper.credential(r.Context())
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

// check looks first at who asks. A page in a browser can send a GET anywhere: it is known by the headers
// that it cannot help sending, and, where it rebound a name of its own to this address, by that name
// (DNS rebinding). The port in Host is that of a tunnel's other end.
func (s *Server) check(r *http.Request) (why refusal, bad bool) {
	switch {
	case connlimit.IsOther(r):
		return refusal{http.StatusForbidden, "other_user", "the request comes from another user of this machine"}, true
	case !isLoopback(r.Host):
		return refusal{http.StatusForbidden, "foreign_host", "the Host header names no loopback address"}, true
	case fromBrowser(r.Header):
		return refusal{http.StatusForbidden, "browser", "the request comes from a browser"}, true
	case r.Method != http.MethodGet:
		return refusal{http.StatusMethodNotAllowed, "method", "the method is not GET"}, true
	case r.URL.Path != path || r.URL.RawQuery != "":
		return refusal{http.StatusNotFound, "path", "the path is another than in AWS_CONTAINER_CREDENTIALS_FULL_URI"}, true
	case r.ContentLength != 0:
		return refusal{http.StatusRequestEntityTooLarge, "body", "the request has a body"}, true
	case len(r.Header.Values("Authorization")) == 0:
		return refusal{http.StatusUnauthorized, "no_token", "the request has no Authorization header"}, true
	case !s.isToken(r.Header.Values("Authorization")):
		return refusal{http.StatusUnauthorized, "wrong_token", "the Authorization header does not have this endpoint's token"}, true
	}
	return refusal{}, false
}

// isToken takes as long for every value of the same length.
func (s *Server) isToken(values []string) bool {
	got, want := sha256.Sum256([]byte(values[0])), sha256.Sum256([]byte(s.token.Reveal()))
	return len(values) == 1 && subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// isLoopback takes any port, and none.
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

// errRenewing is for those who cannot wait any longer.
var errRenewing = errors.New("renewing the credential takes long")

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
		return Failure{Code: "unavailable", Message: "there is no credential just now"}
	}
	return s.Explain(err)
}

func answerError(w http.ResponseWriter, status int, code, message string) {
	document, err := json.Marshal(map[string]string{"code": code, "message": message})
	if err != nil {
		panic(err) // two strings have no JSON that fails
	}
	answer(w, status, document)
}

// answer is all in one Write: net/http adds the length.
func answer(w http.ResponseWriter, status int, document []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(document) // whoever asked has left
}
