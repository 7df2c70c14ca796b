package sandbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// stubIdP is an OIDC provider whose tokens have whatever claims a test needs, such as cognito:roles, which IdP does
// not issue.
type stubIdP struct {
	t      *testing.T
	server *httptest.Server
	key    signingKey
}

func newStubIdP(t *testing.T) *stubIdP {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &stubIdP{t: t, key: signingKey{"k", private}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{"issuer": c.server.URL, "jwks_uri": c.server.URL + "/keys",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
			"id_token_signing_alg_values_supported": []string{"ES256"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: private.Public(), KeyID: "k", Algorithm: "ES256"}}})
	})
	c.server = httptest.NewServer(mux)
	t.Cleanup(c.server.Close)
	return c
}

// name returns the provider name.
func (c *stubIdP) name() string { return strings.TrimPrefix(c.server.URL, "http://") }

// token returns a token with these claims added to the required ones; nil removes a claim.
func (c *stubIdP) token(subject string, claims map[string]any) string {
	c.t.Helper()
	all := map[string]any{"iss": c.server.URL, "sub": subject, "aud": "app",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()}
	maps.Copy(all, claims)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	payload, err := json.Marshal(all)
	if err != nil {
		c.t.Fatal(err)
	}
	token, err := sign("ES256", c.key, payload)
	if err != nil {
		c.t.Fatal(err)
	}
	return token
}

// login returns a logins map with one entry; together joins several.
func (c *stubIdP) login(subject string) map[string]string {
	return map[string]string{c.name(): c.token(subject, nil)}
}

func together(logins ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, l := range logins {
		maps.Copy(all, l)
	}
	return all
}
