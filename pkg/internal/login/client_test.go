package login

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func TestClientLimitsTheBody(t *testing.T) {
	t.Parallel()
	from := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write(bytes.Repeat([]byte("x"), maxBodyBytes+len(r.URL.Path)-1))
	}))
	c := (&Login{}).client()
	if body, err := get(t.Context(), c, from); err != nil || len(body) != maxBodyBytes {
		t.Errorf("a body at the limit: %d bytes, %v", len(body), err)
	}
	if _, err := get(t.Context(), c, from+"/1"); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a body above the limit: %v", err)
	}
}

func TestClientRedirects(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	from := serve(t, mux)
	to := map[string]string{"/here": "/end", "/away": "http://example.com/?code=hidden-code", "/loop": "/loop"}
	for path, target := range to {
		mux.Handle(path, http.RedirectHandler(target, http.StatusTemporaryRedirect))
	}
	mux.HandleFunc("/end", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "end") })
	c := (&Login{}).client()
	if body, err := get(t.Context(), c, from+"/here"); err != nil || string(body) != "end" {
		t.Errorf("a redirect on loopback: %q, %v", body, err)
	}
	for _, path := range []string{"/away", "/loop"} {
		_, err := get(t.Context(), c, from+path)
		if err == nil || strings.Contains(err.Error(), "hidden-code") {
			t.Errorf("%s: %v", path, err)
		}
	}
	_, err := c.Post(from+"/here", "text/plain", strings.NewReader("code"))
	if err == nil || !strings.Contains(err.Error(), "redirects a form") {
		t.Errorf("a redirected form: %v", err)
	}
	downgrade := checkRedirect(httptest.NewRequest("GET", "http://127.0.0.1/", nil),
		[]*http.Request{httptest.NewRequest("GET", "https://idp.example.com/", nil)})
	if downgrade == nil {
		t.Error("https may redirect to http")
	}
}

func TestErrorsContainNoQuery(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := get(ctx, (&Login{}).client(), "http://127.0.0.1/x?code=hidden-code")
	if !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "hidden-code") {
		t.Errorf("get() = %v", err)
	}
}

func TestSecureURL(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]bool{
		"https://idp.example.com":       true,
		"https://idp.example.com/a?b=c": true,
		"http://localhost:8080/":        true,
		"http://127.0.0.9/":             true,
		"http://[::1]:1/":               true,
		"http://idp.example.com":        false,
		"http://localhost.example.com":  false,
		"ftp://127.0.0.1":               false,
		"https://u:p@idp.example.com":   false,
		"https://idp.example.com/#x":    false,
		"idp.example.com":               false,
		"https://":                      false,
		"":                              false,
	} {
		if err := secureURL("issuer", raw); (err == nil) != want {
			t.Errorf("secureURL(%q) = %v, want allowed %v", raw, err, want)
		}
	}
}
