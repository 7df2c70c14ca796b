package login

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/internal/peercred"
	"github.com/daypass/daypass/pkg/sandbox"
)

// newIdP starts an IdP where alice is signed in without a page.
func newIdP(t *testing.T, change func(*sandbox.Knobs)) *sandbox.IdP {
	t.Helper()
	idp, err := sandbox.NewIdP()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { idp.Close() })
	idp.Set(func(k *sandbox.Knobs) {
		k.AutoSignIn = "alice"
		if change != nil {
			change(k)
		}
	})
	return idp
}

// tab is the last page that a browser tab showed.
type tab struct {
	page   string
	status int
	err    error
}

// newLogin returns a login whose browser stores cookies and follows redirects. The last page is sent to the channel.
func newLogin(t *testing.T, issuer string) (*Login, chan tab) {
	t.Helper()
	tabs := make(chan tab, 8)
	return &Login{
		Issuer: issuer, ClientID: "daypass", Scopes: []string{"openid", "email"}, OfflineAccess: true, Profile: "photos",
		Open: func(url string) error {
			page, status, err := sandbox.Browse(t.Context(), nil, url)
			tabs <- tab{page, status, err}
			return nil
		},
	}, tabs
}

func limited(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// browser returns a client that stores cookies and follows no redirects.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: 10 * time.Second,
		Transport:     &http.Transport{DisableKeepAlives: true, Proxy: nil},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// from returns the peer check of a page that this user opens.
func from(peer peercred.Peer) func(*http.Request) (peercred.Peer, error) {
	return func(*http.Request) (peercred.Peer, error) { return peer, nil }
}

// events collects the events of a login.
type events struct {
	mu  sync.Mutex
	all []Event
}

func (e *events) add(event Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, event)
}

func count[T Event](e *events) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for _, event := range e.all {
		if _, ok := event.(T); ok {
			n++
		}
	}
	return n
}

func wantText(t *testing.T, what, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%s = %q, want %q in it", what, got, w)
		}
	}
}

// MarshalJSON returns the discovery document that parses as m.
func (m metadata) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"issuer": m.Issuer, "authorization_endpoint": m.AuthURL, "token_endpoint": m.TokenURL,
		"jwks_uri": m.JWKSURL, "revocation_endpoint": m.RevokeURL, "end_session_endpoint": m.LogoutURL,
		"scopes_supported": m.Scopes, "prompt_values_supported": m.Prompts, "token_endpoint_auth_methods_supported": m.AuthMethods})
}
