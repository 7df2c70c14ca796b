package login

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"slices"
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
		{map[string]any{"kid": "e", "kty": "RSA", "use": "enc"}, `key "e" is not used: it is for encryption`},
		{private, `key "k" is not used: it is a private key`},
		{"odd", `key "" is not used: its type "" is neither RSA nor EC`},
		{map[string]any{"kid": "o", "kty": "oct", "k": "c2VjcmV0"}, `key "o" is not used: its type "oct" is neither RSA nor EC`},
		{rsaKey(5, "AQAB"), `key "r" is not used: its n is missing or not base64url`},
		{rsaKey(ones(2040), "AQAB"), `key "r" is not used: its modulus is shorter than 2048 bits`},
		{rsaKey(ones(1024), "AQAB"), `key "r" is not used: its modulus is shorter than 2048 bits`},
		{rsaKey(ones(16392), "AQAB"), `key "r" is not used: its modulus is longer than 16384 bits`},
		{rsaKey(even, "AQAB"), `key "r" is not used: its modulus is even`},
		{rsaKey(ones(2048), "________"), `key "r" is not used: its exponent is too large`},
		{rsaKey(ones(2048), "AA"), `key "r" is not used: its exponent is not an odd number above 1`},
		{rsaKey(ones(2048), "AQ"), `key "r" is not used: its exponent is not an odd number above 1`},
		{rsaKey(ones(2048), "AQAA"), `key "r" is not used: its exponent is not an odd number above 1`},
		{ecKey("secp256k1", "AQ"), `key "c" is not used: its curve "secp256k1" is not P-256, P-384 or P-521`},
		{ecKey("P-256", "AQ"), `key "c" is not used: its x and y are not a point of its curve`},
		{ecKey("P-256", ones(360)), `key "c" is not used: its x is too long`},
	} {
		set := setOf(t, row.key, jwkOf(t, key))
		if len(set.keys) != 1 || fmt.Sprint(set.skipped) != "["+row.want+"]" {
			t.Errorf("%v: %d keys are used, %v skipped, want %s", row.key, len(set.keys), set.skipped, row.want)
		}
	}
}

func TestParseSignatureRefuses(t *testing.T) {
	t.Parallel()
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	rs256 := encode(`{"alg":"RS256"}`)
	for _, raw := range []string{"", ".", "x", "..", "!.e30.e30", encode("[]") + ".e30.", encode("null") + ".e30.", encode("null") + "!.e30.",
		rs256 + ".e30", rs256 + ".e30.e30.e30", rs256 + ".e30.!", rs256 + ".!.e30",
		encode(`{"alg":"RS256","crit":["b64"]}`) + ".e30.e30", encode(`{"alg":"RS256","crit":null}`) + ".e30.e30",
		encode(`{"alg":"RS256","crit":[]}`) + ".e30.e30",
		// members that are there twice, one of them spelled with an escape
		encode(`{"alg":"RS256","alg":"ES256"}`) + ".e30.e30", encode(`{"alg":"RS256","kid":"a","k\u0069d":"b"}`) + ".e30.e30",
		rs256 + "." + encode(`{"sub":"alice","sub":"bob"}`) + ".e30",
		// one token, written in another way
		rs256 + ".e30.e3\n0", rs256 + ".e30.e30\r\n", rs256 + ".e30.e31", rs256 + ".e30.e30=", "\n" + rs256 + ".e30.e30"} {
		if s, err := parseSignature(raw); err == nil {
			t.Errorf("%q is read as %+v", raw, s)
		}
	}
	for _, payload := range []string{`{"a":{"sub":1},"b":{"sub":2}}`, `{"sub":"a","Sub":"b"}`, `[1]`, ``} {
		if s, err := parseSignature(rs256 + "." + encode(payload) + ".e30"); err != nil || s.alg != "RS256" {
			t.Errorf("payload %s: %+v, %v, want that it is read", payload, s, err)
		}
	}
}

// What an attacker who knows the public keys can write is not a signature.
func TestForgedSignatures(t *testing.T) {
	t.Parallel()
	keys := signers(t)
	set := setOf(t, jwkOf(t, keys["RS256"]), jwkOf(t, keys["ES256"]), jwkOf(t, keys["ES384"]), jwkOf(t, keys["ES512"]))
	der, err := x509.MarshalPKIXPublicKey(keys["RS256"].Public())
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range [][]byte{der, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), {}} {
		mac := hmac.New(sha256.New, secret) // the public key as the secret of HS256
		mac.Write([]byte("e30.e30"))
		for _, alg := range []string{"HS256", "RS256", "ES256", "none", "", "rs256", "RS1"} {
			if set.verify(signature{alg: alg, keyID: "k", input: "e30.e30", value: mac.Sum(nil)}) {
				t.Errorf("%q: an HMAC is verified", alg)
			}
		}
	}
	for alg, size := range map[string]int{"ES256": 64, "ES384": 96, "ES512": 132} {
		good := signatureOf(t, jws(t, alg, keys[alg], nil))
		order := keys[alg].(*ecdsa.PrivateKey).Curve.Params().N
		r, s := good.value[:size/2], good.value[size/2:]
		above := new(big.Int).Add(order, new(big.Int).SetBytes(s))
		for name, value := range map[string][]byte{
			"zeros": make([]byte, size), "r = 0": append(make([]byte, size/2), s...), "s = 0": append(slices.Clone(r), make([]byte, size/2)...),
			"r = s = order":     append(order.FillBytes(make([]byte, size/2)), order.FillBytes(make([]byte, size/2))...),
			"s above the order": append(slices.Clone(r), above.Bytes()...),
			"zeros before each": slices.Concat([]byte{0}, r, []byte{0}, s), "ASN.1": asn1Signature(t, r, s),
		} {
			forged := good
			if forged.value = value; set.verify(forged) {
				t.Errorf("%s: a signature of %s is verified", alg, name)
			}
		}
		for other := range algorithms {
			forged := good
			if forged.alg = other; other != alg && set.verify(forged) {
				t.Errorf("a signature of %s is verified as %s", alg, other)
			}
		}
	}
}

func asn1Signature(t *testing.T, r, s []byte) []byte {
	t.Helper()
	der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(r), new(big.Int).SetBytes(s)})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// A key verifies only tokens that name it, in the algorithm that the IdP publishes for it. The token's header brings
// no key of its own.
func TestWhichKeyVerifies(t *testing.T) {
	t.Parallel()
	keys, mallory := signers(t), signers(t)["RS256"]
	good := signatureOf(t, jws(t, "RS256", keys["RS256"], nil))
	for _, row := range []struct {
		change map[string]any
		want   bool
	}{
		{nil, true}, {map[string]any{"kid": "other"}, false}, {map[string]any{"kid": ""}, true},
		{map[string]any{"alg": "RS256"}, true}, {map[string]any{"alg": "RS384"}, false}, {map[string]any{"alg": "RSA-OAEP"}, false},
		{map[string]any{"alg": "HS256"}, false}, {map[string]any{"use": "enc"}, false}, {map[string]any{"kty": "oct"}, false},
	} {
		m := jwkOf(t, keys["RS256"])
		maps.Copy(m, row.change)
		if got := setOf(t, m).verify(good); got != row.want {
			t.Errorf("key with %v: verified %t, want %t", row.change, got, row.want)
		}
	}
	for _, header := range []map[string]any{{"jwk": jwkOf(t, mallory)}, {"jku": "https://mallory.example/keys"}, {"x5u": "https://mallory.example/"}} {
		if s := signatureOf(t, jws(t, "RS256", mallory, header)); setOf(t, jwkOf(t, keys["RS256"])).verify(s) {
			t.Errorf("a key of the token's header is used: %v", header)
		}
	}
}
