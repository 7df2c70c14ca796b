package login

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// signer signs ID tokens with any claims.
type signer struct {
	key *ecdsa.PrivateKey
}

func (s signer) sign(t testing.TB, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	with, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: s.key, KeyID: "k"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := with.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// newVerifier returns an issuer whose only key is the signer's, at a fixed time.
func newVerifier(t testing.TB, now time.Time) (*issuer, metadata, signer) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys := &future[jwks]{done: make(chan struct{}), value: jwks{keys: []publicKey{{id: "k", key: key.Public()}}}}
	close(keys.done)
	l := &Login{Issuer: "https://idp.example.com", ClientID: "me", Now: func() time.Time { return now }}
	m := metadata{Issuer: l.Issuer, Algs: []string{"RS256", "ES256"}, JWKSURL: "http://127.0.0.1:1/unreachable"}
	return &issuer{login: l, client: l.client(), keys: keys}, m, signer{key}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	p, m, s := newVerifier(t, now)
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	tests := []struct {
		name   string
		change map[string]any // nil removes
		want   string         // "" is good
	}{
		{"good", nil, ""},
		{"list of one audience", map[string]any{"aud": []string{"me"}}, ""},
		{"own azp", map[string]any{"aud": []string{"other", "me"}, "azp": "me"}, ""},
		{"another azp", map[string]any{"azp": "other"}, "azp"},
		{"several audiences", map[string]any{"aud": []string{"other", "me"}}, "no azp"},
		{"no audience", map[string]any{"aud": nil}, `"aud" is missing`},
		{"expired within leeway", map[string]any{"exp": at(-50 * time.Second)}, ""},
		{"expired", map[string]any{"exp": at(-70 * time.Second)}, "it expired 70 s ago"},
		{"no expiry", map[string]any{"exp": nil}, `"exp" is missing`},
		{"expiry as a string", map[string]any{"exp": "soon"}, `"exp" is not a number`},
		{"no issuer", map[string]any{"iss": nil}, `"iss" is missing`},
		{"no iat", map[string]any{"iat": nil}, `"iat" is missing`},
		{"issued after its end", map[string]any{"iat": at(2 * time.Hour)}, "iat"},
		{"issued in the future", map[string]any{"iat": at(6 * time.Minute)}, "it is not valid for another 6 min"},
		{"issued by a fast clock", map[string]any{"iat": at(4 * time.Minute)}, ""},
		{"not yet", map[string]any{"nbf": at(6 * time.Minute)}, "it is not valid for another 6 min"},
		{"not yet, within leeway", map[string]any{"nbf": at(4*time.Minute + 50*time.Second)}, ""},
		{"odd optional claims", map[string]any{"email": []string{"a@b"}, "at_hash": 5, "nbf": "soon", "_claim_names": map[string]any{"groups": ""}}, ""},
		{"issuer with a slash", map[string]any{"iss": "https://idp.example.com/"}, "issuer"},
		{"no subject", map[string]any{"sub": nil}, `"sub" is missing`},
		{"no nonce", map[string]any{"nonce": nil}, "nonce"},
		{"another nonce", map[string]any{"nonce": "m"}, "nonce"},
		{"at_hash", map[string]any{"at_hash": "x"}, "at_hash"},
	}
	for _, test := range tests {
		claims := map[string]any{"iss": m.Issuer, "sub": "1", "aud": "me", "iat": at(-time.Minute), "exp": at(time.Hour), "nonce": "n"}
		maps.Copy(claims, test.change)
		maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
		token, err := p.verify(t.Context(), m, s.sign(t, claims), "access", "n")
		if test.want == "" && (err != nil || token.Claims.Subject != "1") {
			t.Errorf("%s: %v", test.name, err)
		}
		if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
		if clockErr, ok := errors.AsType[*ClockError](err); ok && (!clockErr.Now.Equal(now) || !clockErr.IdP.IsZero()) {
			t.Errorf("%s: %+v, want the local clock alone", test.name, clockErr)
		}
	}
}

// A refreshed token may have any nonce, or none.
func TestVerifyRefreshedNonce(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	p, m, s := newVerifier(t, now)
	claims := map[string]any{"iss": m.Issuer, "sub": "1", "aud": "me", "iat": now.Unix(), "exp": now.Unix() + 60}
	for _, nonce := range []string{"", "another"} {
		claims["nonce"] = nonce
		if _, err := p.verify(t.Context(), m, s.sign(t, claims), "access", ""); err != nil {
			t.Errorf("nonce %q: %v", nonce, err)
		}
	}
}

func TestVerifyAlgorithms(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	p, m, s := newVerifier(t, now)
	raw := s.sign(t, map[string]any{"iss": m.Issuer, "sub": "1", "aud": "me", "iat": now.Unix(), "exp": now.Unix() + 60})
	for _, alg := range []string{"none", "HS256", "PS256"} { // also when the IdP advertises it
		all := m
		all.Algs = append(slices.Clone(m.Algs), alg)
		parts := strings.Split(raw, ".")
		forged := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"`+alg+`"}`)) + "." + parts[1] + "."
		for _, value := range []string{"", parts[2]} {
			if _, err := p.verify(t.Context(), all, forged+value, "", ""); !isUnsupportedAlg(err) {
				t.Errorf("%s: %v, want an UnsupportedAlgError", alg, err)
			}
		}
	}
	m.Algs = nil
	if _, err := p.verify(t.Context(), m, raw, "", ""); err == nil || !strings.Contains(err.Error(), "does not advertise") {
		t.Errorf("ES256 where RS256 is the default: %v", err)
	}
}

func isUnsupportedAlg(err error) bool {
	_, ok := errors.AsType[*UnsupportedAlgError](err)
	return ok
}

// Verification neither panics nor quotes the token, whatever the input.
func FuzzVerify(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	p, m, s := newVerifier(f, now)
	good := s.sign(f, map[string]any{"iss": m.Issuer, "sub": "1", "aud": "me", "iat": now.Unix(), "exp": now.Unix() + 60})
	for _, seed := range []string{"", "..", good, "a.b.c", good[:len(good)-2], "eyJhbGciOiJub25lIn0.e30.", good + "x", good + "." + good} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		token, err := p.verify(t.Context(), m, raw, "", "")
		if err == nil && token.Claims.Subject != "1" {
			t.Errorf("verified %q", raw)
		}
		if len(raw) > 40 && err != nil && strings.Contains(err.Error(), raw) {
			t.Errorf("the error quotes the token: %v", err)
		}
	})
}
