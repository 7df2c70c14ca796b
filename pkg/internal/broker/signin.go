package broker

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
)

// SignIn has the person sign in, in this process and whatever is kept, and returns a credential of that
// sign-in.
func (b *Broker) SignIn(ctx context.Context) (credential.Credential, error) {
	if b.Anonymous {
		return b.newGuest(ctx)
	}
	before := b.generationBefore(ctx)
	grant, wanted, end, err := b.signedIn(ctx)
	if err != nil {
		return credential.Credential{}, err
	}
	c, err := b.keepSignIn(ctx, wanted, grant, before)
	if b.Settle != nil {
		b.Settle(err)
	}
	if err != nil && b.renewable(ctx) { // the person has done their part
		end(nil)
	} else {
		end(err)
	}
	return c, err
}

// renewable reports whether the next call can do without a person.
func (b *Broker) renewable(ctx context.Context) bool {
	kept, _ := b.keptGrant(ctx)
	return kept.Renews() || kept.IDExpiry().Sub(b.Now()) >= tokenReserve
}

// signedIn has the person sign in, without the lock: who is waited for may take minutes. Wanted ends when
// the sign-in is withdrawn.
func (b *Broker) signedIn(ctx context.Context) (grant identity.Grant, wanted context.Context, end func(error), err error) {
	wanted, end = ctx, func(error) {}
	if b.Attempts != nil {
		if wanted, end, err = b.Attempts.Take(ctx); err != nil {
			return identity.Grant{}, nil, nil, err
		}
	}
	b.step(StepSigningIn)
	if grant, err = b.Source.SignIn(wanted); err != nil {
		if wanted.Err() != nil && ctx.Err() == nil { // what was cut short is not why
			err = context.Cause(wanted)
		}
		end(err)
	}
	return grant, wanted, end, err
}

// keepSignIn keeps what the person brought, unless the sign-in is over before it began to count: a sign-out
// came meanwhile, or another sign-in, which has the lock and waits for the end of this one. Whoever was signed
// in before is forgotten first, with every credential that came of it.
func (b *Broker) keepSignIn(ctx, wanted context.Context, grant identity.Grant, before int64) (credential.Credential, error) {
	release, err := b.locked(wanted)
	if err != nil {
		b.warn(b.Source.Revoke(ctx, grant))
		return credential.Credential{}, fmt.Errorf("waiting for another daypass: %w", cmp.Or(context.Cause(wanted), err))
	}
	defer release()
	if b.signedOutSince(ctx, before) {
		b.warn(b.Source.Revoke(ctx, grant))
		return credential.Credential{}, errSignedOut
	}
	kept, generation := b.keptGrant(ctx)
	if kept.ID.Claims.Subject != grant.ID.Claims.Subject {
		b.forgetMemory(ctx)
	}
	grant.NoIDTokenOnRefresh = kept.NoIDTokenOnRefresh // what the IdP does at a refresh does not depend on who signs in
	generation = b.nextGeneration(generation)
	if err := b.keepGrant(ctx, grant, generation); err != nil {
		return credential.Credential{}, err
	}
	return b.exchanged(ctx, grant.ID, generation)
}

// newGuest forgets who this was and becomes somebody new.
func (b *Broker) newGuest(ctx context.Context) (credential.Credential, error) {
	if err := errors.Join(b.delete(ctx, b.Memory), b.delete(ctx, b.Keyring)); err != nil {
		b.warn(fmt.Errorf("forgetting the guest before: %w", err))
	}
	return b.exchanged(ctx, identity.Token{}, 0)
}
