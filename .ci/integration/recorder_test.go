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

// recorder is a proxy that records every secret between a server and its clients. These secrets must not be stored
// anywhere.
type recorder struct {
	url    string
	server *http.Server
	find   func(form url.Values, answer []byte) []string
	path   string // of the recorded requests

	mu       sync.Mutex
	requests int
	given    []string
	held     map[string]*heldAnswer
}

// heldAnswer is an answer that has not been sent to the client yet.
type heldAnswer struct {
	arrived, release chan struct{}
}

type formKey struct{}

// startRecorder starts a proxy for the target.
func startRecorder(target, path string, find func(form url.Values, answer []byte) []string) (*recorder, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &recorder{url: "http://" + listener.Addr().String(), path: path, find: find, held: map[string]*heldAnswer{}}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: target})
	proxy.ModifyResponse = w.remember
	w.server = &http.Server{Handler: w.readingForms(proxy)}
	go w.server.Serve(listener)
	return w, nil
}

func (w *recorder) readingForms(next http.Handler) http.Handler {
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

func (w *recorder) remember(resp *http.Response) error {
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

// hold delays the answer to a renewal with that refresh token until it is released.
func (w *recorder) hold(refreshToken string) *heldAnswer {
	h := &heldAnswer{make(chan struct{}), make(chan struct{})}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held[refreshToken] = h
	return h
}

// seen returns the number of requests so far.
func (w *recorder) seen() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.requests
}

// secrets returns the secrets recorded so far.
func (w *recorder) secrets() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.given...)
}

// ofTokens finds the secrets of a token request and of its answer.
func ofTokens(form url.Values, answer []byte) []string {
	var tokens map[string]any
	_ = json.Unmarshal(answer, &tokens) // an error page has no tokens
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

// secrets returns all secrets that the servers of the tests have sent to daypass or received from it.
func (w *world) secrets() []string {
	var all []string
	for _, one := range []*recorder{w.dex.recorder, w.short.recorder, w.minio.sts} {
		all = append(all, one.secrets()...)
	}
	return append(all, "eyJ") // the start of every JSON Web Token, and so of MinIO's session tokens
}
