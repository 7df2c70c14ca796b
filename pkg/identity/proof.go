package identity

import (
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

// ProofKind is the kind of a Proof.
type ProofKind int

const (
	// ProofNone is the absence of proof, for a guest of an identity pool.
	ProofNone ProofKind = iota
	// ProofIDToken is an ID token (OpenID Connect Core §2).
	ProofIDToken
	// ProofAccessToken is an OAuth 2.0 access token of a provider that issues no ID tokens.
	ProofAccessToken
)

// Proof is what AWS accepts as proof of a person's identity.
type Proof struct {
	Kind ProofKind
	// ProviderName is the key in Cognito's logins map, and STS's ProviderId for an access token.
	ProviderName string
	Value        secret.String
	// Expiry is by the local clock; zero if it is not known.
	Expiry time.Time
	Claims Claims
}

// Proof returns the grant's ID token as proof. Cognito's name for its provider is the issuer without the scheme.
func (g Grant) Proof() Proof {
	issuer := g.ID.Claims.Issuer
	if _, rest, found := strings.Cut(issuer, "://"); found {
		issuer = rest
	}
	return Proof{Kind: ProofIDToken, ProviderName: issuer, Value: g.ID.Raw, Expiry: g.IDExpiry(), Claims: g.ID.Claims}
}
