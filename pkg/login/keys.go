package login

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// jwks are the IdP's public keys (RFC 7517).
type jwks []jose.JSONWebKey

func (idp *issuer) fetchKeys(ctx context.Context, m metadata, f freshness) (jwks, error) {
	keys, err := document(ctx, idp, "JWKS", m.JWKSURL, f, readKeys)
	if err != nil {
		return nil, fmt.Errorf("fetching the identity provider's keys: %w", err)
	}
	return keys, nil
}

// readKeys skips the keys it cannot use, as RFC 7517 §5 asks.
func readKeys(body []byte) (jwks, error) {
	var wire struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &wire); err != nil || wire.Keys == nil {
		return nil, errors.New("the answer is not a JWK set")
	}
	keys := jwks{}
	for _, raw := range wire.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(raw, &key) == nil && key.IsPublic() && key.Valid() && key.Use != "enc" {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// verify returns the payload if one of the keys signed it.
func (keys jwks) verify(jws *jose.JSONWebSignature) ([]byte, bool) {
	if len(jws.Signatures) != 1 {
		return nil, false
	}
	header := jws.Signatures[0].Header
	for _, key := range keys {
		if header.KeyID != "" && key.KeyID != header.KeyID || key.Algorithm != "" && key.Algorithm != header.Algorithm {
			continue
		}
		if payload, err := jws.Verify(&key); err == nil {
			return payload, true
		}
	}
	return nil, false
}

// keySet looks for the key among those at hand and then, once, among those the IdP has now (OpenID
// Connect Core §10.1.1). It is an oidc.KeySet for one token.
type keySet struct {
	issuer   *issuer
	metadata metadata
	// failure is why no keys could be had: go-oidc hands on only its text.
	failure error
}

func (s *keySet) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(raw, algorithms(s.metadata))
	if err != nil {
		return nil, errors.New("the ID token is not a signed JWT")
	}
	keys, err := s.issuer.keys.wait(ctx)
	if payload, ok := keys.verify(jws); ok && err == nil {
		return payload, nil
	}
	if keys, s.failure = s.issuer.fetchKeys(ctx, s.metadata, fresh); s.failure != nil {
		return nil, s.failure
	}
	if payload, ok := keys.verify(jws); ok {
		return payload, nil
	}
	return nil, errNotSigned
}

// errNotSigned is told when the IdP has no key that fits.
var errNotSigned = errors.New("none of the identity provider's keys has signed the ID token")
