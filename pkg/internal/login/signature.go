package login

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha256" // algorithms
	_ "crypto/sha512" // algorithms
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// algorithms are the signature algorithms that STS accepts (RFC 7518 §3.1): RSASSA-PKCS1-v1_5 and ECDSA, each with
// its hash and, for ECDSA, its curve. HS* would make the client secret a signing key, "none" is not a signature, and
// STS refuses PS* and EdDSA.
var algorithms = map[string]struct {
	hash  crypto.Hash
	curve string // "" for RSA
}{
	"RS256": {crypto.SHA256, ""}, "RS384": {crypto.SHA384, ""}, "RS512": {crypto.SHA512, ""},
	"ES256": {crypto.SHA256, "P-256"}, "ES384": {crypto.SHA384, "P-384"}, "ES512": {crypto.SHA512, "P-521"},
}

// acceptedBySTS reports whether STS accepts ID tokens that are signed with this algorithm.
func acceptedBySTS(alg string) bool {
	_, ok := algorithms[alg]
	return ok
}

// signature is the signature of a compact JWS (RFC 7515 §7.1).
type signature struct {
	alg, keyID string
	input      string // the signed text
	value      []byte
}

// parseSignature reads only alg and kid from the header. A certificate or key in the header proves nothing, because an
// attacker can write one (RFC 8725 §3.10).
func parseSignature(raw string) (signature, error) {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return signature{}, errors.New("it is not a signed JWT")
	}
	header, err := decodeStrict(parts[0])
	var m members
	if err != nil || json.Unmarshal(header, &m) != nil || m == nil {
		return signature{}, errors.New("its header is not a JSON object")
	}
	payload, err := decodeStrict(parts[1])
	if err != nil {
		return signature{}, errors.New("its payload is not base64url")
	}
	for _, object := range [][]byte{header, payload} {
		if name := duplicateMember(object); name != "" {
			return signature{}, fmt.Errorf("it has %q twice", sanitize.Short(name, maxCode))
		}
	}
	if _, ok := m["crit"]; ok { // RFC 7515 §4.1.11
		return signature{}, errors.New("its header has critical parameters")
	}
	value, err := decodeStrict(parts[2])
	if err != nil {
		return signature{}, errors.New("its signature is not base64url")
	}
	return signature{alg: m.text("alg"), keyID: m.text("kid"), input: parts[0] + "." + parts[1], value: value}, nil
}

// decodeStrict decodes base64url without padding. Package base64 alone would skip line breaks and ignore the unused
// bits at the end, so that one token could be written in several ways.
func decodeStrict(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("line break")
	}
	return base64.RawURLEncoding.Strict().DecodeString(text)
}

// duplicateMember returns the name of a member that a JSON object has twice, or "". Member names must be unique
// (RFC 7515 §4, RFC 7519 §4): encoding/json uses the last of the two, and AWS could use the first.
func duplicateMember(object []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(object))
	seen := map[string]bool{}
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return ""
	}
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		var value json.RawMessage
		if err != nil || !ok || decoder.Decode(&value) != nil {
			return ""
		}
		if seen[name] {
			return name
		}
		seen[name] = true
	}
	return ""
}

func sum(hash crypto.Hash, text string) []byte {
	h := hash.New()
	h.Write([]byte(text))
	return h.Sum(nil)
}

// madeBy reports whether the key made the signature (RFC 7518 §3.3, §3.4). It is false for an algorithm that does
// not fit the type or curve of the key.
func (s signature) madeBy(key crypto.PublicKey) bool {
	alg, ok := algorithms[s.alg]
	if !ok {
		return false
	}
	digest := sum(alg.hash, s.input)
	switch key := key.(type) {
	case *rsa.PublicKey:
		return alg.curve == "" && rsa.VerifyPKCS1v15(key, alg.hash, digest, s.value) == nil
	case *ecdsa.PublicKey:
		size := coordinateSize(key.Curve)
		if alg.curve != key.Curve.Params().Name || len(s.value) != 2*size {
			return false
		}
		return ecdsa.Verify(key, digest, new(big.Int).SetBytes(s.value[:size]), new(big.Int).SetBytes(s.value[size:]))
	}
	return false
}

// verify reports whether one of the keys made the signature. A kid or alg that the key or the token lacks restricts
// nothing.
func (set jwks) verify(s signature) bool {
	for _, key := range set.keys {
		if (key.id == "" || s.keyID == "" || key.id == s.keyID) && (key.alg == "" || key.alg == s.alg) && s.madeBy(key.key) {
			return true
		}
	}
	return false
}

// verifySignature tries the keys that have been fetched or cached already, and then fetches the keys once more (OpenID
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
	return errWrongKey
}

var errWrongKey = errors.New("none of the identity provider's keys verifies its signature")

// checkAccessToken compares at_hash, if the ID token has it, with the access token of the same response (OpenID
// Connect Core §3.1.3.6).
func (s signature) checkAccessToken(atHash, accessToken string) error {
	if atHash == "" || accessToken == "" {
		return nil
	}
	hash := sum(algorithms[s.alg].hash, accessToken)
	got, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(atHash, "="))
	if err != nil || !bytes.Equal(got, hash[:len(hash)/2]) {
		return errors.New("its at_hash does not match the access token")
	}
	return nil
}
