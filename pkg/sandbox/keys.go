package sandbox

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

const defaultAlg = "RS256"

// signingKey is a private key and its published key ID.
type signingKey struct {
	id      string
	private crypto.Signer
}

// keySet holds one key per algorithm, created on first use, and a key that is never published.
type keySet struct {
	mu        sync.Mutex
	byAlg     map[string]signingKey
	withdrawn map[string][]signingKey
	foreign   map[string]signingKey
}

// RotateKey replaces the IdP's keys. Tokens of the old keys cannot be verified any more.
func (p *IdP) RotateKey() {
	p.keys.mu.Lock()
	defer p.keys.mu.Unlock()
	if p.keys.withdrawn == nil {
		p.keys.withdrawn = map[string][]signingKey{}
	}
	for alg, key := range p.keys.byAlg {
		p.keys.withdrawn[alg] = append(p.keys.withdrawn[alg], key)
	}
	p.keys.byAlg = nil
}

// key returns the key for alg.
func (k *keySet) key(alg string) (signingKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return fill(&k.byAlg, alg)
}

// unpublished returns an unpublished key, under the key ID of the published one.
func (k *keySet) unpublished(alg string) (signingKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	real, err := fill(&k.byAlg, alg)
	if err != nil {
		return signingKey{}, err
	}
	fake, err := fill(&k.foreign, alg)
	fake.id = real.id
	return fake, err
}

// verify returns the claims of a token that this IdP signed, even if it has expired or its key was withdrawn: logout
// accepts old hints (RP-Initiated Logout §2).
func (k *keySet) verify(token string) ([]byte, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	every := map[string][]signingKey{}
	for alg, key := range k.byAlg {
		every[alg] = append([]signingKey{key}, k.withdrawn[alg]...)
	}
	for alg, keys := range k.withdrawn {
		if every[alg] == nil {
			every[alg] = keys
		}
	}
	for alg, keys := range every {
		signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(alg)})
		for i := 0; err == nil && i < len(keys); i++ {
			if payload, wrong := signed.Verify(keys[i].private.Public()); wrong == nil {
				return payload, true
			}
		}
	}
	return nil, false
}

func fill(keys *map[string]signingKey, alg string) (signingKey, error) {
	if key, ok := (*keys)[alg]; ok {
		return key, nil
	}
	private, err := generate(alg)
	if err != nil {
		return signingKey{}, err
	}
	if *keys == nil {
		*keys = map[string]signingKey{}
	}
	(*keys)[alg] = signingKey{random(8), private}
	return (*keys)[alg], nil
}

func generate(alg string) (crypto.Signer, error) {
	switch alg {
	case "RS256", "RS384", "RS512", "PS256", "PS384", "PS512":
		return rsa.GenerateKey(rand.Reader, 2048)
	case "ES256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "ES384":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "ES512":
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "EdDSA":
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	}
	return nil, fmt.Errorf("generating a key: the algorithm %q is unknown", alg)
}

// published returns the JWKS: the default key, the key of the algorithm in use, and all others created so far.
func (k *keySet) published(alg string) (jose.JSONWebKeySet, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, needed := range []string{defaultAlg, alg} {
		if needed == "" {
			continue
		}
		if _, err := fill(&k.byAlg, needed); err != nil {
			return jose.JSONWebKeySet{}, err
		}
	}
	set := jose.JSONWebKeySet{}
	for alg, key := range k.byAlg {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.private.Public(), KeyID: key.id, Algorithm: alg, Use: "sig"})
	}
	return set, nil
}
