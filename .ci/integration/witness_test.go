//go:build integration

package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
)

// witness stands between a server and its callers, and remembers every secret that passes by: that is what
// must rest nowhere.
type witness struct {
	url    string
	server *http.Server
	find   func(form url.Values, answer []byte) []string
	path   string // of the requests it looks at

	mu       sync.Mutex
	requests int
	given    []string
	held     map[string]*heldAnswer
}

// heldAnswer is an answer that has not been passed on yet.
type heldAnswer struct {
	arrived, release chan struct{}
}

type formKey struct{}

// startWitness listens; what it sees goes on to the target.
func startWitness(target, path string, find func(form url.Values, answer []byte) []string) (*witness, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &witness{url: "http://" + listener.Addr().String(), path: path, find: find, held: map[string]*heldAnswer{}}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: target})
	proxy.ModifyResponse = w.remember
	w.server = &http.Server{Handler: w.readingForms(proxy)}
	go w.server.Serve(listener)
	return w, nil
}

func (w *witness) readingForms(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == w.path {
			body, _ := io.ReadAll(r.Body)
			form, _ := url.ParseQuery(string(body))
			r.Body = io.NopCloser(bytes.NewReader(body))
			r = r.WithContext(context.WithValue(r.Context(), formKey{}, form))
		}
		next.ServeHTTP(rw, r)
	})
}

func (w *witness) remember(resp *http.Response) error {
	form, ok := resp.Request.Context().Value(formKey{}).(url.Values)
	if !ok {
		return nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	w.mu.Lock()
	w.requests++
	for _, secret := range w.find(form, body) {
		if secret != "" {
			w.given = append(w.given, secret)
		}
	}
	held := w.held[form.Get("refresh_token")]
	w.mu.Unlock()
	if held != nil {
		close(held.arrived)
		<-held.release
	}
	return nil
}

// hold keeps the answer to the renewal by that refresh token until it is released.
func (w *witness) hold(refreshToken string) *heldAnswer {
	h := &heldAnswer{make(chan struct{}), make(chan struct{})}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held[refreshToken] = h
	return h
}

// seen counts the requests so far.
func (w *witness) seen() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.requests
}

// secrets are all that passed by so far.
func (w *witness) secrets() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.given...)
}

// ofTokens finds the secrets of a token request and of its answer.
func ofTokens(form url.Values, answer []byte) []string {
	var tokens map[string]any
	_ = json.Unmarshal(answer, &tokens) // an error page gives no tokens
	found := []string{form.Get("code"), form.Get("code_verifier"), form.Get("refresh_token")}
	for _, name := range []string{"id_token", "access_token", "refresh_token"} {
		value, _ := tokens[name].(string)
		found = append(found, value)
	}
	return found
}

// ofKeys finds the secrets of an exchange at STS.
func ofKeys(form url.Values, answer []byte) []string {
	var given struct {
		Keys struct{ SecretAccessKey, SessionToken string } `xml:"AssumeRoleWithWebIdentityResult>Credentials"`
	}
	_ = xml.Unmarshal(answer, &given)
	return []string{form.Get("WebIdentityToken"), given.Keys.SecretAccessKey, given.Keys.SessionToken}
}

// secrets are all secrets that the tests' third parties have given to daypass, or got from it.
func (w *world) secrets() []string {
	var all []string
	for _, one := range []*witness{w.dex.witness, w.short.witness, w.minio.sts} {
		all = append(all, one.secrets()...)
	}
	return append(all, "eyJ") // any JSON Web Token, and so MinIO's session tokens
}
