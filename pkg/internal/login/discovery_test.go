package login

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/sandbox"
)

func TestReadMetadata(t *testing.T) {
	t.Parallel()
	const issuer = "https://idp.example.com"
	read := func(change map[string]any) (metadata, error) {
		all := map[string]any{"issuer": issuer, "authorization_endpoint": issuer + "/a", "token_endpoint": issuer + "/t", "jwks_uri": issuer + "/k"}
		maps.Copy(all, change)
		body, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		return (&Login{Issuer: issuer}).readMetadata(body)
	}
	const algs = "id_token_signing_alg_values_supported"
	for name, test := range map[string]struct {
		change map[string]any
		want   string
	}{
		"good":                   {nil, ""},
		"RS256 among all":        {map[string]any{algs: []string{"HS256", "RS256"}}, ""},
		"slash":                  {map[string]any{"issuer": issuer + "/"}, `the configured issuer is "https://idp.example.com", but its discovery document says "https://idp.example.com/"`},
		"http token":             {map[string]any{"token_endpoint": "http://idp.example.com/t"}, "token endpoint"},
		"http authorize":         {map[string]any{"authorization_endpoint": "http://idp.example.com/t"}, "authorization endpoint"},
		"loopback token":         {map[string]any{"token_endpoint": "http://127.0.0.1:9/t"}, `token endpoint "http://127.0.0.1:9/t" does not use https, but the issuer does`},
		"loopback authorize":     {map[string]any{"authorization_endpoint": "HTTP://localhost/a"}, "authorization endpoint"},
		"loopback keys":          {map[string]any{"jwks_uri": "http://[::1]/k"}, "JWKS URI"},
		"HTTPS":                  {map[string]any{"token_endpoint": "HTTPS://idp.example.com/t"}, ""},
		"no keys":                {map[string]any{"jwks_uri": ""}, "the JWKS URI is missing"},
		"keys of another type":   {map[string]any{"jwks_uri": []string{issuer}}, "the JWKS URI is missing"},
		"script":                 {map[string]any{"authorization_endpoint": "javascript:alert(1)"}, "authorization endpoint"},
		"only PS256":             {map[string]any{algs: []string{"PS256"}}, `signed with "PS256"`},
		"issuer of another type": {map[string]any{"issuer": 5}, ErrNoDiscovery.Error()},
		"no issuer":              {map[string]any{"issuer": nil}, ErrNoDiscovery.Error()},
	} {
		_, err := read(test.change)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	for _, body := range []string{"<html>", "null", "[]", `"https://idp.example.com"`} {
		if _, err := (&Login{}).readMetadata([]byte(body)); !errors.Is(err, ErrNoDiscovery) || strings.Contains(err.Error(), "html") {
			t.Errorf("%s: %v, want ErrNoDiscovery", body, err)
		}
	}

	// An optional member that cannot be used is treated as missing, and reported.
	for name, values := range map[string][]any{
		"revocation_endpoint":                   {"http://idp.example.com/r?k=v", "http://127.0.0.1/r?k=v", 5, []string{issuer}, "javascript:alert(1)", false},
		"end_session_endpoint":                  {"http://idp.example.com/e", "http://localhost:9/e", map[string]any{}, "/logout"},
		"scopes_supported":                      {"openid email", 5, map[string]any{"openid": true}},
		algs:                                    {"RS256", true},
		"token_endpoint_auth_methods_supported": {"none", 0},
		"authorization_response_iss_parameter_supported": {"true", 1},
	} {
		for _, value := range values {
			m, err := read(map[string]any{name: value})
			if err != nil {
				t.Errorf("%s = %v: %v", name, value, err)
				continue
			}
			if len(m.ignored) != 1 || !strings.HasPrefix(m.ignored[0], name+" is ignored: ") || strings.Contains(m.ignored[0], "k=v") {
				t.Errorf("%s = %v: ignored %q, want that member", name, value, m.ignored)
			}
			if m.ignored = nil; fmt.Sprint(m) != fmt.Sprint(metadata{Issuer: issuer, AuthURL: issuer + "/a", TokenURL: issuer + "/t", JWKSURL: issuer + "/k"}) {
				t.Errorf("%s = %v is used: %+v", name, value, m)
			}
		}
	}
	// An issuer on this machine may name endpoints with and without https.
	const local = "http://127.0.0.1:8080"
	l, body := &Login{Issuer: local}, `{"issuer":"`+local+`","authorization_endpoint":"`+local+`/a","token_endpoint":"http://localhost/t","jwks_uri":"https://idp.example.com/k","revocation_endpoint":"`+local+`/r"}`
	if m, err := l.readMetadata([]byte(body)); err != nil || m.RevokeURL != local+"/r" {
		t.Errorf("an issuer on this machine: %+v, %v", m, err)
	}
	m, err := read(map[string]any{"scopes_supported": []any{"openid", nil, 5, "email"}, "ui_locales_supported": 5, "revocation_endpoint": nil, "end_session_endpoint": ""})
	if err != nil || len(m.ignored) > 0 || !slices.Equal(m.Scopes, []string{"openid", "email"}) {
		t.Errorf("read %+v, %v, want the scopes that are strings and nothing ignored", m, err)
	}
}

// memory is a Cache.
type memory struct {
	mu    sync.Mutex
	docs  map[string][]byte
	until map[string]time.Time
	err   error
}

func (m *memory) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.docs[key], m.err
}

func (m *memory) Put(_ context.Context, key string, value []byte, until time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.docs == nil {
		m.docs, m.until = map[string][]byte{}, map[string]time.Time{}
	}
	m.docs[key], m.until[key] = value, until
	return m.err
}

func TestCache(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, nil)
	l, _ := newLogin(t, idp.URL())
	cache := &memory{}
	l.Cache = cache
	grant, err := l.SignIn(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	if grant, err = l.Renew(t.Context(), grant); err != nil {
		t.Fatal(err)
	}
	if d, k := idp.Count("discovery"), idp.Count("jwks"); d != 1 || k != 1 {
		t.Errorf("with a cache: discovery %d times, keys %d times, want once each", d, k)
	}
	for key, until := range cache.until {
		if left := time.Until(until); left <= 0 || left > documentLife {
			t.Errorf("%s is cached for %v", key, left)
		}
	}

	idp.RotateKey() // the keys are fetched again, once, for a key that is not cached
	if grant, err = l.Renew(t.Context(), grant); err != nil {
		t.Fatal(err)
	}
	if got := idp.Count("jwks"); got != 2 {
		t.Errorf("after a key rotation: keys fetched %d times, want 2", got)
	}

	for key := range cache.docs { // damaged documents are fetched again
		cache.docs[key] = []byte("{}")
	}
	if _, err = l.Renew(t.Context(), grant); err != nil {
		t.Fatal(err)
	}
	if d, k := idp.Count("discovery"), idp.Count("jwks"); d != 2 || k != 3 {
		t.Errorf("with a damaged cache: discovery %d times, keys %d times, want 2 and 3", d, k)
	}
}

// A failing cache causes a warning.
func TestBrokenCache(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, nil)
	l, _ := newLogin(t, idp.URL())
	received := &events{}
	l.Notify, l.Cache = received.add, &memory{err: errors.New("out of order")}
	if _, err := l.SignIn(limited(t)); err != nil {
		t.Error(err)
	}
	if count[Warning](received) == 0 {
		t.Error("no warning was sent")
	}
}

// If no key verifies the signature, the keys are fetched once more, and then the sign-in fails.
func TestKeys(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, func(k *sandbox.Knobs) { k.WrongKey = true })
	l, _ := newLogin(t, idp.URL())
	if _, err := l.SignIn(limited(t)); err == nil {
		t.Error("signed in with another key")
	}
	if got := idp.Count("jwks"); got != 2 {
		t.Errorf("keys fetched %d times, want 2", got)
	}
	for body, want := range map[string]int{
		`{"keys":[]}`: 0,
		`{"keys":[{"kty":"OKP","crv":"Ed448","x":"AA"},{"kty":"oct","k":"c2VjcmV0"},{"kty":"EC"}]}`: 0,
	} {
		if set, err := readKeys([]byte(body)); err != nil || len(set.keys) != want {
			t.Errorf("%s: %d keys, %v, want %d", body, len(set.keys), err, want)
		}
	}
	for _, body := range []string{"", "[]", "{}", "<html>"} {
		if _, err := readKeys([]byte(body)); err == nil {
			t.Errorf("%q is read as a JWK set", body)
		}
	}
}

// Sign-in succeeds at an IdP whose optional members are all of the wrong type. The verbose output lists them.
func TestOddIdP(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, func(k *sandbox.Knobs) { k.Odd = true })
	l, _ := newLogin(t, idp.URL())
	var mu sync.Mutex
	var steps []string
	l.Step = func(step string) { mu.Lock(); defer mu.Unlock(); steps = append(steps, step) }
	grant, err := l.SignIn(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	if c := grant.ID.Claims; c.Email != "" || c.Subject != idp.Users["alice"].Subject {
		t.Errorf("signed in as %q %q, want alice's subject and no email address", c.Email, c.Subject)
	}
	if err := l.Revoke(limited(t), grant); !errors.Is(err, ErrNoRevocation) {
		t.Errorf("revoking: %v, want ErrNoRevocation", err)
	}
	mu.Lock()
	defer mu.Unlock()
	wantText(t, "steps", strings.Join(steps, "\n"), "discovery: scopes_supported is ignored: it is not a list",
		`discovery: revocation_endpoint is ignored: the URL "http://idp.example.com/revoke" does not use https`,
		"discovery: end_session_endpoint is ignored", `key "odd-key" is ignored: its type "odd" is neither RSA nor EC`)
}
