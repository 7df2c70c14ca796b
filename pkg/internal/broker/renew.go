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
		return b.exchanged(ctx, identity.Token{}, 0)
	}
	memory, ring := b.records(ctx)
	grant, generation := newest(memory, ring)
	_ = b.buryLate(ctx, ring, generation) // the next call tries again
	if grant.IDExpiry().Sub(b.Now()) >= tokenReserve {
		c, err := b.exchanged(ctx, grant.ID, generation)
		if !errors.Is(err, identity.ErrTokenRejected) {
			b.grant = grant
			return c, err
		}
	}
	grant, generation, err := b.renewedGrant(ctx, grant, generation)
	if err != nil {
		return credential.Credential{}, err
	}
	return b.exchanged(ctx, grant.ID, generation)
}

// renewedGrant uses the refresh token once. Where the IdP calls it revoked, another process without
// our lock (an older daypass, another machine's keyring) may have rotated it: a different one in the
// stores is tried once, and only the token that was refused is deleted.
func (b *Broker) renewedGrant(ctx context.Context, kept identity.Grant, generation int64) (identity.Grant, int64, error) {
	if kept.Refresh.IsZero() {
		return identity.Grant{}, 0, ErrSignInNeeded
	}
	b.step(StepRenewing)
	grant, err := b.Source.Renew(ctx, kept)
	if errors.Is(err, identity.ErrGrantRevoked) {
		other, since := b.keptGrant(ctx)
		switch {
		case !other.Refresh.IsZero() && !other.Refresh.Equal(kept.Refresh):
			kept, generation = other, since
			grant, err = b.Source.Renew(ctx, kept)
		case since > generation: // a sign-out is why
			return identity.Grant{}, 0, errSignedOut
		}
	}
	if err != nil && !grant.Refresh.IsZero() { // rotated nevertheless: the previous one may be spent
		kept.Refresh, kept.RefreshExpiry, kept.RefreshWithoutScope = grant.Refresh, grant.RefreshExpiry, grant.RefreshWithoutScope
		kept.NoIDTokenOnRefresh = kept.NoIDTokenOnRefresh || errors.Is(err, identity.ErrNoIDToken)
		if over := b.keepGrant(ctx, kept, generation); over != nil {
			return identity.Grant{}, 0, over
		}
	}
	refused, ok := errors.AsType[*identity.RefusedError](err)
	switch {
	case errors.Is(err, identity.ErrGrantRevoked):
		b.forgetRefresh(ctx, kept)
		return identity.Grant{}, 0, fmt.Errorf("%w: %w", ErrSignInNeeded, err)
	case errors.Is(err, identity.ErrNoIDToken), ok && refused.SignInNeeded:
		return identity.Grant{}, 0, fmt.Errorf("%w: %w", ErrSignInNeeded, err)
	case err != nil:
		return identity.Grant{}, 0, err
	}
	return grant, generation, b.keepGrant(ctx, grant, generation)
}
