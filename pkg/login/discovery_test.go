package login

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/sandbox"
)

func TestReadMetadata(t *testing.T) {
	t.Parallel()
	good := func() metadata {
		return metadata{Issuer: "https://idp.example.com", AuthURL: "https://idp.example.com/a",
			TokenURL: "https://idp.example.com/t", JWKSURL: "https://idp.example.com/k"}
	}
	for name, test := range map[string]struct {
		change func(*metadata)
		want   string
	}{
		"good":            {func(*metadata) {}, ""},
		"RS256 among all": {func(m *metadata) { m.Algs = []string{"HS256", "RS256"} }, ""},
		"slash":           {func(m *metadata) { m.Issuer += "/" }, `configured as "https://idp.example.com" and calls itself "https://idp.example.com/"`},
		"http token":      {func(m *metadata) { m.TokenURL = "http://idp.example.com/t" }, "token endpoint"},
		"http authorize":  {func(m *metadata) { m.AuthURL = "http://idp.example.com/t" }, "authorization endpoint"},
		"no keys":         {func(m *metadata) { m.JWKSURL = "" }, "there is no JWKS URI"},
		"http revocation": {func(m *metadata) { m.RevokeURL = "http://idp.example.com/r?k=v" }, `"http://idp.example.com/r" is not https`},
		"script":          {func(m *metadata) { m.AuthURL = "javascript:alert(1)" }, "authorization endpoint"},
		"only PS256":      {func(m *metadata) { m.Algs = []string{"PS256"} }, `signed with "PS256"`},
	} {
		m := good()
		test.change(&m)
		body, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		_, err = (&Login{Issuer: "https://idp.example.com"}).readMetadata(body)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	if _, err := (&Login{}).readMetadata([]byte("<html>")); err == nil || strings.Contains(err.Error(), "html") {
		t.Errorf("not JSON: %v", err)
	}
}

// memory is a Cache.
type memory struct {
	mu    sync.Mutex
	kept  map[string][]byte
	until map[string]time.Time
	err   error
}

func (m *memory) Get(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.kept[key], m.err
}

func (m *memory) Put(_ context.Context, key string, value []byte, until time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil {
		m.kept, m.until = map[string][]byte{}, map[string]time.Time{}
	}
	m.kept[key], m.until[key] = value, until
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
			t.Errorf("%s is kept for %v", key, left)
		}
	}

	idp.RotateKey() // a key that is not among the kept ones is looked for anew, once
	if grant, err = l.Renew(t.Context(), grant); err != nil {
		t.Fatal(err)
	}
	if got := idp.Count("jwks"); got != 2 {
		t.Errorf("after a key rotation: keys fetched %d times, want 2", got)
	}

	for key := range cache.kept { // spoilt documents are fetched anew
		cache.kept[key] = []byte("{}")
	}
	if _, err = l.Renew(t.Context(), grant); err != nil {
		t.Fatal(err)
	}
	if d, k := idp.Count("discovery"), idp.Count("jwks"); d != 2 || k != 3 {
		t.Errorf("with a spoilt cache: discovery %d times, keys %d times, want 2 and 3", d, k)
	}
}

// A broken cache is a warning.
func TestBrokenCache(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, nil)
	l, _ := newLogin(t, idp.URL())
	told := &events{}
	l.Notify, l.Cache = told.add, &memory{err: errors.New("out of order")}
	if _, err := l.SignIn(limited(t)); err != nil {
		t.Error(err)
	}
	if count[Warning](told) == 0 {
		t.Error("no warning was told")
	}
}

// Keys that cannot be had end the sign-in; a signature by nobody is tried against fresh keys once.
func TestKeys(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, func(k *sandbox.Knobs) { k.WrongKey = true })
	l, _ := newLogin(t, idp.URL())
	if _, err := l.SignIn(limited(t)); err == nil {
		t.Error("signed in with a foreign key")
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
