package broker

import (
	"cmp"
	"context"
	"fmt"

	"github.com/daypass/daypass/pkg/identity"
)

// Forgotten says what a sign-out did.
type Forgotten struct {
	// Claims are those of the person who was signed in; zero when nobody was.
	Claims identity.Claims
	// IDToken is the one that was kept, for who ends the session at the IdP too: it says whose that is.
	IDToken identity.Token
	// Held says that there was something to forget.
	Held bool
	// Revoked says that the IdP was told, RevokeErr why it could not be. Neither where there was no token that
	// could be revoked.
	Revoked   bool
	RevokeErr error
	// KeyringErr says why the keyring could not be asked to forget. It may still hold a refresh token,
	// unless InMemory says that this sign-in's was kept in memory for want of a keyring.
	KeyringErr error
	InMemory   bool
}

// Entirely reports whether nothing can be left, be it in a keyring that could not be asked.
func (f Forgotten) Entirely() bool { return f.KeyringErr == nil || f.InMemory }

// SignOut forgets the sign-in and all that came of it, here and, where the IdP lets us, there.
// Whatever the IdP answers, nothing of it is kept here afterwards.
func (b *Broker) SignOut(ctx context.Context) (Forgotten, error) {
	release, err := b.locked(ctx)
	if err != nil {
		return Forgotten{}, fmt.Errorf("waiting for another daypass: %w", err)
	}
	defer release()
	memory, _ := b.records(ctx)
	grant, generation := b.keptGrant(ctx)
	next := b.nextGeneration(generation)
	withdrawn := b.Attempts != nil && b.Attempts.SignOut(next) // who waits for it comes for the lock, and sees the tombstone
	done := Forgotten{Claims: grant.ID.Claims, IDToken: grant.ID, Held: !grant.ID.IsZero() || !grant.Refresh.IsZero(),
		InMemory: memory.Refresh != ""}
	if b.Anonymous { // what is kept is an identity ID, which is no grant
		done.InMemory = holds(ctx, b.Memory, b.LoginKey)
		done.Held = done.InMemory || holds(ctx, b.Keyring, b.LoginKey)
	}
	var memoryErr error
	if b.Anonymous || !done.Held && generation == 0 && !withdrawn {
		memoryErr, done.KeyringErr = b.delete(ctx, b.Memory), b.delete(ctx, b.Keyring)
	} else {
		generation = next
		memoryErr, done.KeyringErr = b.bury(ctx, generation)
	}
	if memoryErr != nil {
		return done, fmt.Errorf("forgetting the sign-in: %w", memoryErr)
	}
	b.grant = identity.Grant{}
	if done.Held && !b.Anonymous {
		b.step(StepRevoking)
		done.RevokeErr = b.Source.Revoke(ctx, grant)
		done.Revoked = done.RevokeErr == nil && !(grant.Refresh.IsZero() && grant.Access.IsZero())
		done.KeyringErr = cmp.Or(done.KeyringErr, b.buryLate(ctx, b.record(ctx, b.Keyring), generation))
	}
	if b.Index != nil && done.Entirely() {
		b.warn(b.Index.SignedOut(ctx))
	}
	return done, nil
}

// holds reports whether there is anything under that key.
func holds(ctx context.Context, store Store, key string) bool {
	if store == nil {
		return false
	}
	value, err := store.Get(ctx, key)
	return err == nil && value != nil
}
