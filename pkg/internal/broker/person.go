package broker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/daypass/daypass/pkg/identity"
)

// NotInKeyringError is a warning: the keyring did not take the refresh token. The sign-in lasts as long as
// Memory does, or is not stored if there is none.
type NotInKeyringError struct{ Err error }

// Error names the consequence and the cause.
func (e *NotInKeyringError) Error() string {
	return "this sign-in lasts as long as the agent: " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *NotInKeyringError) Unwrap() error { return e.Err }

// tokenReserve is how much longer an ID token must be valid to be used again: one exchange with its
// retries, and the difference between two clocks.
const tokenReserve = 2 * time.Minute

// PersonSession is the login of a person at an identity provider. It implements Session and Prompter.
type PersonSession struct {
	IdP IdP
	// Memory stores tokens, and the refresh token if there is no Keyring; nil stores nothing.
	Memory Store
	// Keyring stores the refresh token; nil if the system has none.
	Keyring Store
	// Index may be nil.
	Index Index
	// LoginKey names the login in the stores.
	LoginKey string
	// Locker excludes every other process that works on this login.
	Locker func(ctx context.Context) (release func(), err error)
	// SignIns may be nil if no other process signs in.
	SignIns SignIns
	// Background starts a sign-in in a background process; nil: nobody may be prompted.
	Background func(ctx context.Context) (Wait, error)
	// Settle receives the result of a sign-in that returned a grant: nil for a credential. It may be nil.
	Settle func(error)
	Now    func() time.Time
	// Warn and Step are as Broker's.
	Warn func(error)
	Step func(step string)

	// grant and generation are those of the last Proof; renewed says that it is fresh from the IdP.
	grant      identity.Grant
	generation int64
	renewed    bool
}

// Key implements Session.
func (p *PersonSession) Key() string { return p.LoginKey }

// Lock implements Session.
func (p *PersonSession) Lock(ctx context.Context) (release func(), err error) {
	return lockWith(ctx, p.Locker, p.Step)
}

func lockWith(ctx context.Context, locker func(context.Context) (func(), error), step func(string)) (release func(), err error) {
	if step == nil {
		step = func(string) {}
	}
	step(StepLocking)
	if release, err = locker(ctx); err == nil {
		step(StepLooking)
	}
	return release, err
}

// Proof implements Session: it returns the stored ID token, or else a renewed one.
func (p *PersonSession) Proof(ctx context.Context) (identity.Proof, error) {
	memory, ring := p.records(ctx)
	grant, generation := newest(memory, ring)
	_ = p.markLate(ctx, ring, generation) // the next call tries again
	p.grant, p.generation, p.renewed = grant, generation, false
	if grant.IDExpiry().Sub(p.Now()) >= tokenReserve {
		return grant.Proof(), nil
	}
	return p.Renew(ctx)
}

// Renew implements Session.
func (p *PersonSession) Renew(ctx context.Context) (identity.Proof, error) {
	if p.renewed {
		return identity.Proof{}, errJustRenewed
	}
	grant, generation, err := p.renew(ctx, p.grant, p.generation)
	if err != nil {
		return identity.Proof{}, err
	}
	p.grant, p.generation, p.renewed = grant, generation, true
	return grant.Proof(), nil
}

// Issued implements Session.
func (p *PersonSession) Issued(ctx context.Context) error {
	if p.record(ctx, p.Memory).Generation > p.generation {
		return errSignedOut
	}
	if err := p.note(ctx); err != nil { // no warning: the sign-in has warned, and this happens each hour
		p.step(err.Error())
	}
	return nil
}

// renew uses the refresh token once. If the IdP calls it revoked, another process without our lock (on another
// machine with the same keyring) may have rotated it: a different one in the stores is tried once, and only the
// token that was refused is deleted.
func (p *PersonSession) renew(ctx context.Context, stored identity.Grant, generation int64) (identity.Grant, int64, error) {
	if stored.Refresh.IsZero() {
		return identity.Grant{}, 0, ErrSignInNeeded
	}
	p.step(StepRenewing)
	grant, err := p.IdP.Renew(ctx, stored)
	if errors.Is(err, identity.ErrGrantRevoked) {
		other, since := p.storedGrant(ctx)
		switch {
		case !other.Refresh.IsZero() && !other.Refresh.Equal(stored.Refresh):
			stored, generation = other, since
			grant, err = p.IdP.Renew(ctx, stored)
		case since > generation: // because of a sign-out
			return identity.Grant{}, 0, errSignedOut
		}
	}
	if err != nil && !grant.Refresh.IsZero() { // rotated nevertheless: the previous one may be void
		stored.Refresh, stored.RefreshExpiry, stored.RefreshWithoutScope = grant.Refresh, grant.RefreshExpiry, grant.RefreshWithoutScope
		stored.NoIDTokenOnRefresh = stored.NoIDTokenOnRefresh || errors.Is(err, identity.ErrNoIDToken)
		if over := p.storeGrant(ctx, stored, generation); over != nil {
			return identity.Grant{}, 0, over
		}
	}
	refused, ok := errors.AsType[*identity.RefusedError](err)
	switch {
	case errors.Is(err, identity.ErrGrantRevoked):
		p.deleteRefused(ctx, stored)
		return identity.Grant{}, 0, fmt.Errorf("%w: %w", ErrSignInNeeded, err)
	case errors.Is(err, identity.ErrNoIDToken), ok && refused.SignInNeeded:
		return identity.Grant{}, 0, fmt.Errorf("%w: %w", ErrSignInNeeded, err)
	case err != nil:
		return identity.Grant{}, 0, err
	}
	return grant, generation, p.storeGrant(ctx, grant, generation)
}

// Grant returns what is stored of the sign-in; the zero Grant when nobody is signed in.
func (p *PersonSession) Grant(ctx context.Context) identity.Grant {
	if p.grant.ID.IsZero() && p.grant.Refresh.IsZero() {
		p.grant, _ = p.storedGrant(ctx)
	}
	return p.grant
}

// note records the login in the index.
func (p *PersonSession) note(ctx context.Context) error {
	if p.Index == nil {
		return nil
	}
	return p.Index.Note(ctx)
}

func (p *PersonSession) step(step string) {
	if p.Step != nil {
		p.Step(step)
	}
}

func (p *PersonSession) warn(err error) {
	if p.Warn != nil && err != nil {
		p.Warn(err)
	}
}
