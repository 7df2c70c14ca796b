package broker

import (
	"cmp"
	"context"
	"fmt"

	"github.com/daypass/daypass/pkg/identity"
)

// SignOutResult says what a sign-out did.
type SignOutResult struct {
	// Claims are those of the person who was signed in; zero when nobody was.
	Claims identity.Claims
	// IDToken is the stored one. It tells the IdP whose session to end.
	IDToken     identity.Token
	WasSignedIn bool
	// Revoked says that the IdP revoked the grant, RevokeErr why it did not. Neither is set if there was no token
	// that could be revoked.
	Revoked   bool
	RevokeErr error
	// KeyringErr says why the keyring could not delete. It may still hold a refresh token, unless InMemory says
	// that there was no keyring when this sign-in's was stored.
	KeyringErr error
	InMemory   bool
}

// Complete reports whether nothing can be left, not even in a keyring that did not answer.
func (r SignOutResult) Complete() bool { return r.KeyringErr == nil || r.InMemory }

// SignOut deletes the sign-in and its credentials, and revokes it at the IdP if the IdP offers that.
// Whatever the IdP answers, nothing is stored here afterwards.
func (p *PersonSession) SignOut(ctx context.Context) (SignOutResult, error) {
	release, err := p.Lock(ctx)
	if err != nil {
		return SignOutResult{}, fmt.Errorf("waiting for another daypass: %w", err)
	}
	defer release()
	memory, ring := p.records(ctx)
	grant, generation := newest(memory, ring)
	next := p.nextGeneration(generation)
	// A caller that waits for the withdrawn sign-in takes the lock next, and finds the mark.
	withdrawn := p.SignIns != nil && p.SignIns.SignOut(next)
	done := SignOutResult{Claims: grant.ID.Claims, IDToken: grant.ID, InMemory: memory.Refresh != "",
		WasSignedIn: !grant.ID.IsZero() || !grant.Refresh.IsZero()}
	var memoryErr error
	if !done.WasSignedIn && generation == 0 && !withdrawn {
		memoryErr, done.KeyringErr = p.delete(ctx, p.Memory), p.delete(ctx, p.Keyring)
	} else {
		generation = next
		memoryErr, done.KeyringErr = p.markSignedOut(ctx, generation)
	}
	if memoryErr != nil {
		return done, fmt.Errorf("deleting the sign-in: %w", memoryErr)
	}
	p.grant = identity.Grant{}
	if done.WasSignedIn {
		p.step(StepRevoking)
		done.RevokeErr = p.IdP.Revoke(ctx, grant)
		done.Revoked = done.RevokeErr == nil && !(grant.Refresh.IsZero() && grant.Access.IsZero())
		done.KeyringErr = cmp.Or(done.KeyringErr, p.markLate(ctx, p.record(ctx, p.Keyring), generation))
	}
	if p.Index != nil && done.Complete() {
		p.warn(p.Index.SignedOut(ctx))
	}
	return done, nil
}
