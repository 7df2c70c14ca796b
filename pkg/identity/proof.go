package identity

import (
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

// ProofKind says what a Proof is.
type ProofKind int

const (
	// ProofNone is no proof: whoever shows it is a guest of an identity pool.
	ProofNone ProofKind = iota
	// ProofIDToken is an ID token (OpenID Connect Core §2).
	ProofIDToken
	// ProofAccessToken is an OAuth 2.0 access token of a provider that issues no ID tokens.
	ProofAccessToken
)

// Proof is what AWS is shown to prove who somebody is.
type Proof struct {
	Kind ProofKind
	// ProviderName is the key of Cognito's logins map, and STS's ProviderId for an access token.
	ProviderName string
	Value        secret.String
	// Expiry is when AWS stops taking it, by the clock here; zero where that is not known.
	Expiry time.Time
	// Claims say who it is about.
	Claims Claims
}

// Proof returns the grant's ID token as proof. Cognito's name of its provider is the issuer without the scheme.
func (g Grant) Proof() Proof {
	issuer := g.ID.Claims.Issuer
	if _, rest, found := strings.Cut(issuer, "://"); found {
		issuer = rest
	}
	return Proof{Kind: ProofIDToken, ProviderName: issuer, Value: g.ID.Raw, Expiry: g.IDExpiry(), Claims: g.ID.Claims}
}
