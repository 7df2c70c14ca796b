package login

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// jwks are the IdP's public keys (RFC 7517), and the keys of the set that cannot be used.
type jwks struct {
	keys    []publicKey
	skipped []skippedKey
}

// publicKey is a key with its kid and alg, which are "" if the IdP does not publish them.
type publicKey struct {
	id, alg string
	key     crypto.PublicKey
}

type skippedKey struct{ id, reason string }

func (s skippedKey) String() string { return fmt.Sprintf("key %q is ignored: %s", s.id, s.reason) }

func (idp *issuer) fetchKeys(ctx context.Context, m metadata, c caching) (jwks, error) {
	set, err := document(ctx, idp, "JWKS", m.JWKSURL, c, readKeys)
	if err != nil {
		return jwks{}, fmt.Errorf("fetching the identity provider's keys: %w", err)
	}
	for _, skipped := range set.skipped {
		idp.login.step(skipped.String())
	}
	return set, nil
}

// readKeys skips keys that it cannot use, as RFC 7517 §5 requires.
func readKeys(body []byte) (jwks, error) {
	var wire struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &wire); err != nil || wire.Keys == nil {
		return jwks{}, errors.New("the response is not a JWK set")
	}
	var set jwks
	for _, raw := range wire.Keys {
		var m members
		_ = json.Unmarshal(raw, &m) // a value that is not an object has no type, and publicKey refuses it
		id := sanitize.Short(m.text("kid"), maxDescription)
		key, err := m.publicKey()
		if err != nil {
			set.skipped = append(set.skipped, skippedKey{id, err.Error()})
			continue
		}
		set.keys = append(set.keys, publicKey{m.text("kid"), m.text("alg"), key})
	}
	return set, nil
}

// members are the members of a JSON object. They may have any type.
type members map[string]any

// text returns a string member, or "".
func (m members) text(name string) string {
	s, _ := m[name].(string)
	return s
}

// publicKey reads only the members that the key consists of (RFC 7518 §6.2.1, §6.3.1). It ignores the certificates (x5c,
// x5t, x5u): nothing depends on them, and some identity providers encode them incorrectly.
func (m members) publicKey() (crypto.PublicKey, error) {
	switch kind := m.text("kty"); {
	case m.text("use") == "enc":
		return nil, errors.New("it is for encryption")
	case m["d"] != nil:
		return nil, errors.New("it is a private key")
	case kind == "RSA":
		return m.rsaKey()
	case kind == "EC":
		return m.ecKey()
	default:
		return nil, fmt.Errorf("its type %q is neither RSA nor EC", sanitize.Short(kind, maxCode))
	}
}

const (
	// minModulusBits is what RFC 7518 §3.3 requires.
	minModulusBits = 2048
	// maxModulusBits bounds the time that it takes to verify a signature.
	maxModulusBits = 16384
)

func (m members) rsaKey() (crypto.PublicKey, error) {
	n, err := m.number("n")
	if err != nil {
		return nil, err
	}
	e, err := m.number("e")
	switch {
	case err != nil:
		return nil, err
	case n.BitLen() < minModulusBits:
		return nil, fmt.Errorf("its modulus is shorter than %d bits", minModulusBits)
	case n.BitLen() > maxModulusBits:
		return nil, fmt.Errorf("its modulus is longer than %d bits", maxModulusBits)
	case n.Bit(0) == 0:
		return nil, errors.New("its modulus is even")
	case !e.IsInt64() || e.Int64() > math.MaxInt32:
		return nil, errors.New("its exponent is too large")
	case e.Int64() < 3 || e.Bit(0) == 0: // with the exponent 1, anyone can write a signature
		return nil, errors.New("its exponent is not an odd number above 1")
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
}

func (m members) ecKey() (crypto.PublicKey, error) {
	curve, ok := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}[m.text("crv")]
	if !ok {
		return nil, fmt.Errorf("its curve %q is not P-256, P-384 or P-521", sanitize.Short(m.text("crv"), maxCode))
	}
	point := []byte{4} // uncompressed (SEC 1 §2.3.3)
	for _, name := range []string{"x", "y"} {
		c, err := m.number(name)
		if err != nil {
			return nil, err
		}
		if c.BitLen() > curve.Params().BitSize {
			return nil, fmt.Errorf("its %s is too long", name)
		}
		point = append(point, c.FillBytes(make([]byte, coordinateSize(curve)))...)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(curve, point)
	if err != nil {
		return nil, errors.New("its x and y are not a point of its curve")
	}
	return key, nil
}

func coordinateSize(curve elliptic.Curve) int { return (curve.Params().BitSize + 7) / 8 }

// number also accepts padded base64 and the alphabet of RFC 4648 §4.
func (m members) number(name string) (*big.Int, error) {
	text := strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(m.text(name), "="))
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) == 0 {
		return nil, fmt.Errorf("its %s is missing or not base64url", name)
	}
	return new(big.Int).SetBytes(b), nil
}
