package broker

import (
	"cmp"
	"context"
	"fmt"

	"github.com/daypass/daypass/pkg/identity"
)

// AwaitSignIn implements Prompter.
func (p *PersonSession) AwaitSignIn(ctx context.Context) error {
	if p.SignIns == nil || p.Background == nil {
		return nil
	}
	p.step(StepAwaiting)
	if err := p.SignIns.Await(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrSignInNeeded, err)
	}
	return nil
}

// StartSignIn implements Prompter.
func (p *PersonSession) StartSignIn(ctx context.Context, since int64, needed error) (Wait, error) {
	switch {
	case p.signedOutSince(ctx, since):
		return nil, errSignedOut
	case p.Background == nil:
		return nil, needed
	}
	return p.Background(ctx)
}

// SignIn implements Session. The person signs in through this process. That may take minutes, so it happens without the
// lock.
func (p *PersonSession) SignIn(ctx context.Context, use func(context.Context, identity.Proof) error) error {
	before := p.Generation(ctx)
	grant, wanted, end, err := p.signIn(ctx)
	if err != nil {
		return err
	}
	err = p.replace(ctx, wanted, grant, before, use)
	if p.Settle != nil {
		p.Settle(err)
	}
	if err != nil && p.renewable(ctx) { // the person has signed in successfully
		end(nil)
	} else {
		end(err)
	}
	return err
}

// renewable reports whether the next call can get a credential without a sign-in.
func (p *PersonSession) renewable(ctx context.Context) bool {
	stored, _ := p.storedGrant(ctx)
	return stored.Renews() || stored.IDExpiry().Sub(p.Now()) >= tokenReserve
}

// signIn waits for the person. Wanted ends when the sign-in is withdrawn.
func (p *PersonSession) signIn(ctx context.Context) (grant identity.Grant, wanted context.Context, end func(error), err error) {
	wanted, end = ctx, func(error) {}
	if p.SignIns != nil {
		if wanted, end, err = p.SignIns.Take(ctx); err != nil {
			return identity.Grant{}, nil, nil, err
		}
	}
	p.step(StepSigningIn)
	if grant, err = p.IdP.SignIn(wanted); err != nil {
		if wanted.Err() != nil && ctx.Err() == nil { // report the withdrawal, not what it interrupted
			err = context.Cause(wanted)
		}
		end(err)
	}
	return grant, wanted, end, err
}

// replace stores the new grant and uses it, unless the sign-in ended before that: by a sign-out, or by another
// sign-in, which holds the lock and waits for the end of this one. If another person was signed in before,
// everything of theirs is deleted first.
func (p *PersonSession) replace(ctx, wanted context.Context, grant identity.Grant, before int64,
	use func(context.Context, identity.Proof) error) error {
	release, err := p.Lock(wanted)
	if err != nil {
		p.warn(p.IdP.Revoke(ctx, grant))
		return fmt.Errorf("waiting for another daypass: %w", cmp.Or(context.Cause(wanted), err))
	}
	defer release()
	if p.signedOutSince(ctx, before) {
		p.warn(p.IdP.Revoke(ctx, grant))
		return errSignedOut
	}
	stored, generation := p.storedGrant(ctx)
	if stored.ID.Claims.Subject != grant.ID.Claims.Subject {
		p.warn(p.delete(ctx, p.Memory))
	}
	grant.NoIDTokenOnRefresh = stored.NoIDTokenOnRefresh // what the IdP does at a refresh does not depend on who signs in
	p.generation = p.nextGeneration(generation)
	if err := p.storeGrant(ctx, grant, p.generation); err != nil {
		return err
	}
	return use(ctx, grant.Proof())
}
