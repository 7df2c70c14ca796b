package login

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha256" // hashOf
	_ "crypto/sha512" // hashOf
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// signature is that of a compact JWS (RFC 7515 §7.1).
type signature struct {
	alg, keyID string
	input      string // what is signed
	value      []byte
}

// parseSignature reads alg and kid of the header and nothing else: a certificate or a key in it proves nothing.
func parseSignature(raw string) (signature, error) {
	i := strings.LastIndexByte(raw, '.')
	header, _, _ := strings.Cut(raw, ".")
	if i < len(header) {
		return signature{}, errors.New("it is not a signed JWT")
	}
	b, err := base64.RawURLEncoding.DecodeString(header)
	var m members
	if err != nil || json.Unmarshal(b, &m) != nil {
		return signature{}, errors.New("its header is not a JSON object")
	}
	if m["crit"] != nil { // RFC 7515 §4.1.11
		return signature{}, errors.New("its header has critical parameters")
	}
	value, err := base64.RawURLEncoding.DecodeString(raw[i+1:])
	if err != nil {
		return signature{}, errors.New("its signature is not base64url")
	}
	return signature{alg: m.text("alg"), keyID: m.text("kid"), input: raw[:i], value: value}, nil
}

// hashOfAlg is the hash of an algorithm that STS takes (RFC 7518 §3.1).
func hashOfAlg(alg string) crypto.Hash {
	switch alg[len("RS"):] {
	case "256":
		return crypto.SHA256
	case "384":
		return crypto.SHA384
	default:
		return crypto.SHA512
	}
}

func sum(hash crypto.Hash, text string) []byte {
	h := hash.New()
	h.Write([]byte(text))
	return h.Sum(nil)
}

// isBy reports whether the key made the signature (RFC 7518 §3.3, §3.4). The algorithm is one that STS takes.
func (s signature) isBy(key crypto.PublicKey) bool {
	hash := hashOfAlg(s.alg)
	digest := sum(hash, s.input)
	switch key := key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(s.alg, "RS") && rsa.VerifyPKCS1v15(key, hash, digest, s.value) == nil
	case *ecdsa.PublicKey:
		size := coordinateSize(key.Curve)
		if curveOf := map[string]string{"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}; curveOf[s.alg] != key.Curve.Params().Name || len(s.value) != 2*size {
			return false
		}
		return ecdsa.Verify(key, digest, new(big.Int).SetBytes(s.value[:size]), new(big.Int).SetBytes(s.value[size:]))
	}
	return false
}

// verify reports whether one of the keys made the signature.
func (set jwks) verify(s signature) bool {
	for _, key := range set.keys {
		if (key.id == "" || s.keyID == "" || key.id == s.keyID) && (key.alg == "" || key.alg == s.alg) && s.isBy(key.key) {
			return true
		}
	}
	return false
}

// verifySignature looks for the key among those at hand and then, once, among those the IdP has now (OpenID
// Connect Core §10.1.1).
func (idp *issuer) verifySignature(ctx context.Context, m metadata, s signature) error {
	if set, err := idp.keys.wait(ctx); err == nil && set.verify(s) {
		return nil
	}
	set, err := idp.fetchKeys(ctx, m, fresh)
	if err != nil {
		return err
	}
	if set.verify(s) {
		return nil
	}
	for _, skipped := range set.skipped {
		if skipped.id == s.keyID && s.keyID != "" {
			return fmt.Errorf("the key that signed it cannot be used: %s", skipped)
		}
	}
	return errNotSigned
}

var errNotSigned = errors.New("none of the identity provider's keys made its signature")

// checkAccessToken compares at_hash, where there is one, with the access token that came beside the ID token
// (OpenID Connect Core §3.1.3.6).
func (s signature) checkAccessToken(atHash, accessToken string) error {
	if atHash == "" || accessToken == "" {
		return nil
	}
	hash := sum(hashOfAlg(s.alg), accessToken)
	got, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(atHash, "="))
	if err != nil || !bytes.Equal(got, hash[:len(hash)/2]) {
		return errors.New("its at_hash is not that of the access token beside it")
	}
	return nil
}
