package login

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"maps"
	"math/big"
	"slices"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// jws signs with go-jose, an implementation other than the one under test.
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

func signatureOf(t *testing.T, raw string) signature {
	t.Helper()
	s, err := parseSignature(raw)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A signature of each algorithm that STS accepts is verified, only with the key that made it.
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

// Signatures that an attacker can make from the public keys are refused.
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

// A key verifies only tokens with its kid and alg. A key in the token's header is ignored.
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
