package login

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// jwkOf returns the members of a public key.
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

// Members that daypass does not need may have any value.
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

// Keys that cannot be used are skipped, each with a reason.
func TestSkippedKeys(t *testing.T) {
	t.Parallel()
	ones := func(bits int) string { return base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{0xff}, bits/8)) }
	rsaKey := func(n, e any) map[string]any { return map[string]any{"kid": "r", "kty": "RSA", "n": n, "e": e} }
	ecKey := func(curve, x string) map[string]any {
		return map[string]any{"kid": "c", "kty": "EC", "crv": curve, "x": x, "y": "AQ"}
	}
	even := base64.RawURLEncoding.EncodeToString(append(bytes.Repeat([]byte{0xff}, 255), 0xfe))
	key := signers(t)["ES256"]
	private := map[string]any{"d": "AA"}
	maps.Copy(private, jwkOf(t, key))
	for _, row := range []struct {
		key  any
		want string
	}{
		{map[string]any{"kid": "e", "kty": "RSA", "use": "enc"}, `key "e" is ignored: it is for encryption`},
		{private, `key "k" is ignored: it is a private key`},
		{"odd", `key "" is ignored: its type "" is neither RSA nor EC`},
		{map[string]any{"kid": "o", "kty": "oct", "k": "c2VjcmV0"}, `key "o" is ignored: its type "oct" is neither RSA nor EC`},
		{rsaKey(5, "AQAB"), `key "r" is ignored: its n is missing or not base64url`},
		{rsaKey(ones(2040), "AQAB"), `key "r" is ignored: its modulus is shorter than 2048 bits`},
		{rsaKey(ones(1024), "AQAB"), `key "r" is ignored: its modulus is shorter than 2048 bits`},
		{rsaKey(ones(16392), "AQAB"), `key "r" is ignored: its modulus is longer than 16384 bits`},
		{rsaKey(even, "AQAB"), `key "r" is ignored: its modulus is even`},
		{rsaKey(ones(2048), "________"), `key "r" is ignored: its exponent is too large`},
		{rsaKey(ones(2048), "AA"), `key "r" is ignored: its exponent is not an odd number above 1`},
		{rsaKey(ones(2048), "AQ"), `key "r" is ignored: its exponent is not an odd number above 1`},
		{rsaKey(ones(2048), "AQAA"), `key "r" is ignored: its exponent is not an odd number above 1`},
		{ecKey("secp256k1", "AQ"), `key "c" is ignored: its curve "secp256k1" is not P-256, P-384 or P-521`},
		{ecKey("P-256", "AQ"), `key "c" is ignored: its x and y are not a point of its curve`},
		{ecKey("P-256", ones(360)), `key "c" is ignored: its x is too long`},
	} {
		set := setOf(t, row.key, jwkOf(t, key))
		if len(set.keys) != 1 || fmt.Sprint(set.skipped) != "["+row.want+"]" {
			t.Errorf("%v: %d keys are used, %v skipped, want %s", row.key, len(set.keys), set.skipped, row.want)
		}
	}
}
