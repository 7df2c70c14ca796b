package broker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
)

// tokenReserve is how long an ID token must still live to be used again: one exchange with its
// retries, and the difference between two clocks.
const tokenReserve = 2 * time.Minute

// renewed gets a credential without bothering anybody: from the ID token at hand, else from a renewed
// one. ErrSignInNeeded says that neither is to be had.
func (b *Broker) renewed(ctx context.Context) (credential.Credential, error) {
	if b.Anonymous {
		return b.exchanged(ctx, identity.Token{})
	}
	grant := b.keptGrant(ctx)
	if grant.ID.Claims.Expiry.Sub(b.Now()) >= tokenReserve {
		c, err := b.exchanged(ctx, grant.ID)
		if !errors.Is(err, identity.ErrTokenRejected) {
			b.grant = grant
			return c, err
		}
	}
	grant, err := b.renewedGrant(ctx, grant)
	if err != nil {
		return credential.Credential{}, err
	}
	return b.exchanged(ctx, grant.ID)
}

// renewedGrant uses the refresh token once. Where the IdP calls it revoked, another process without
// our lock (an older daypass, another machine's keyring) may have rotated it: a different one in the
// stores is tried once, and only the token that was refused is deleted.
func (b *Broker) renewedGrant(ctx context.Context, kept identity.Grant) (identity.Grant, error) {
	if kept.Refresh.IsZero() {
		return identity.Grant{}, ErrSignInNeeded
	}
	b.step(StepRenewing)
	grant, err := b.Source.Renew(ctx, kept)
	if errors.Is(err, identity.ErrGrantRevoked) {
		if other := b.keptGrant(ctx); !other.Refresh.IsZero() && !other.Refresh.Equal(kept.Refresh) {
			kept = other
			grant, err = b.Source.Renew(ctx, kept)
		}
	}
	if err != nil && !grant.Refresh.IsZero() { // rotated all the same: the one before may be spent
		kept.Refresh, kept.RefreshExpiry = grant.Refresh, grant.RefreshExpiry
		b.keepGrant(ctx, kept)
	}
	switch {
	case errors.Is(err, identity.ErrGrantRevoked):
		b.forgetRefresh(ctx, kept)
		return identity.Grant{}, fmt.Errorf("%w: %w", ErrSignInNeeded, err)
	case errors.Is(err, identity.ErrNoIDToken):
		return identity.Grant{}, fmt.Errorf("%w: %w", ErrSignInNeeded, err)
	case err != nil:
		return identity.Grant{}, err
	}
	b.keepGrant(ctx, grant)
	return grant, nil
}
