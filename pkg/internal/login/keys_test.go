package login

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// jwkOf are the members of a public key.
func jwkOf(t *testing.T, key crypto.Signer) map[string]any {
	t.Helper()
	raw, err := json.Marshal(jose.JSONWebKey{Key: key.Public(), KeyID: "k", Use: "sig"})
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// jws signs with go-jose, which did not write the code under test.
func jws(t *testing.T, alg string, key crypto.Signer, header map[string]any) string {
	t.Helper()
	options := &jose.SignerOptions{}
	for name, value := range header {
		options = options.WithHeader(jose.HeaderKey(name), value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg), Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, options)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign([]byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func setOf(t *testing.T, keys ...any) jwks {
	t.Helper()
	body, err := json.Marshal(map[string]any{"keys": keys})
	if err != nil {
		t.Fatal(err)
	}
	set, err := readKeys(body)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func signatureOf(t *testing.T, raw string) signature {
	t.Helper()
	s, err := parseSignature(raw)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func signers(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	small, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]crypto.Signer{"RS256": small, "RS384": small, "RS512": small}
	for alg, curve := range map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()} {
		if all[alg], err = ecdsa.GenerateKey(curve, rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// Each algorithm that STS takes is verified, and only by the key that signed.
func TestSignatures(t *testing.T) {
	t.Parallel()
	keys, others := signers(t), signers(t)
	for alg, key := range keys {
		raw := jws(t, alg, key, nil)
		s := signatureOf(t, raw)
		if !setOf(t, jwkOf(t, key)).verify(s) {
			t.Errorf("%s: the right key does not verify", alg)
		}
		for other, key := range others {
			if setOf(t, jwkOf(t, key)).verify(s) {
				t.Errorf("%s: verified by another %s key", alg, other)
			}
		}
		s.input += "x"
		if setOf(t, jwkOf(t, key)).verify(s) {
			t.Errorf("%s: another input is verified", alg)
		}
		for _, value := range [][]byte{nil, {1}, make([]byte, 64), make([]byte, 256)} {
			s = signatureOf(t, raw)
			if s.value = value; setOf(t, jwkOf(t, key)).verify(s) {
				t.Errorf("%s: a signature of %d bytes is verified", alg, len(value))
			}
		}
	}
	rs, es := signatureOf(t, jws(t, "RS256", keys["RS256"], nil)), signatureOf(t, jws(t, "ES256", keys["ES256"], nil))
	rs.alg, es.alg = "ES256", "RS256"
	if set := setOf(t, jwkOf(t, keys["RS256"]), jwkOf(t, keys["ES256"])); set.verify(rs) || set.verify(es) {
		t.Error("a key is used with an algorithm of another type")
	}
}

// Members that daypass does not need may be anything.
func TestOddKeys(t *testing.T) {
	t.Parallel()
	for alg, key := range signers(t) {
		s := signatureOf(t, jws(t, alg, key, nil))
		for _, odd := range []map[string]any{
			{"x5t": "not/base64url=="}, {"x5t": "AAAA"}, {"x5t": 7}, {"x5t#S256": "=="}, {"x5u": "://"}, {"x5u": []any{}},
			{"x5c": []string{"MIIB"}}, {"x5c": "-----BEGIN CERTIFICATE-----"}, {"x5c": []any{1}}, {"x5c": map[string]any{}},
			{"kid": nil}, {"kid": 7}, {"alg": nil}, {"alg": []string{alg}}, {"use": nil}, {"use": 5}, {"key_ops": "verify"}, {"issuer": nil},
		} {
			m := jwkOf(t, key)
			maps.Copy(m, odd)
			if set := setOf(t, m); !set.verify(s) || len(set.skipped) > 0 {
				t.Errorf("%s with %v: the key is not used: %v", alg, odd, set.skipped)
			}
		}
		padded := jwkOf(t, key)
		for _, name := range []string{"n", "e", "x", "y"} {
			if text, ok := padded[name].(string); ok {
				b, err := base64.RawURLEncoding.DecodeString(text)
				if err != nil {
					t.Fatal(err)
				}
				padded[name] = base64.StdEncoding.EncodeToString(append([]byte{0}, b...))
			}
		}
		if !setOf(t, padded).verify(s) {
			t.Errorf("%s: a key in padded base64 with leading zeros is not used", alg)
		}
		for _, header := range []map[string]any{
			{"x5c": []string{"MIIB"}}, {"x5c": "odd"}, {"x5t": 7}, {"jwk": map[string]any{"kty": "odd"}}, {"nonce": 5},
		} {
			if s := signatureOf(t, jws(t, alg, key, header)); !setOf(t, jwkOf(t, key)).verify(s) {
				t.Errorf("%s: a token with %v in its header is not verified", alg, header)
			}
		}
	}
}

// A key that cannot be used is skipped, and its reason says why.
func TestSkippedKeys(t *testing.T) {
	t.Parallel()
	key := signers(t)["ES256"]
	private := map[string]any{"d": "AA"}
	maps.Copy(private, jwkOf(t, key))
	for want, odd := range map[string]any{
		`key "e" is not used: it is for encryption`:                               map[string]any{"kid": "e", "kty": "RSA", "use": "enc"},
		`key "k" is not used: it is a private key`:                                private,
		`key "" is not used: its type "" is neither RSA nor EC`:                   "odd",
		`key "o" is not used: its type "oct" is neither RSA nor EC`:               map[string]any{"kid": "o", "kty": "oct", "k": "c2VjcmV0"},
		`key "r" is not used: its n is missing or not base64url`:                  map[string]any{"kid": "r", "kty": "RSA", "n": 5, "e": "AQAB"},
		`key "r" is not used: its exponent is too large`:                          map[string]any{"kid": "r", "kty": "RSA", "n": "AQAB", "e": "________"},
		`key "r" is not used: its modulus is longer than 16384 bits`:              map[string]any{"kid": "r", "kty": "RSA", "n": strings.Repeat("_", 4000), "e": "AQAB"},
		`key "c" is not used: its curve "secp256k1" is not P-256, P-384 or P-521`: map[string]any{"kid": "c", "kty": "EC", "crv": "secp256k1"},
		`key "c" is not used: its x and y are not a point of its curve`:           map[string]any{"kid": "c", "kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"},
		`key "c" is not used: its x is too long`:                                  map[string]any{"kid": "c", "kty": "EC", "crv": "P-256", "x": strings.Repeat("_", 60), "y": "AQ"},
	} {
		set := setOf(t, odd, jwkOf(t, key))
		if len(set.keys) != 1 || fmt.Sprint(set.skipped) != "["+want+"]" {
			t.Errorf("%v: %d keys are used, %v skipped, want %s", odd, len(set.keys), set.skipped, want)
		}
	}
}

func TestParseSignatureRefuses(t *testing.T) {
	t.Parallel()
	header := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for _, raw := range []string{"", ".", "x", "!.e30.e30", header("[]") + ".e30.", header("null") + "!.e30.",
		header(`{"alg":"RS256","crit":["b64"]}`) + ".e30.e30", header(`{"alg":"RS256"}`) + ".e30.!"} {
		if s, err := parseSignature(raw); err == nil {
			t.Errorf("%q is read as %+v", raw, s)
		}
	}
}
