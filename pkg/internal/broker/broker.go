// Package broker answers: where does a fresh credential come from right now?
//
// It gives what is kept while that is fresh, renews in silence when it is stale, and has the person
// sign in only when nothing else is left. One lock per login makes any number of processes one.
package broker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
)

var (
	// ErrSignInNeeded says that only a person's sign-in would help and that none may be started here.
	ErrSignInNeeded = errors.New("a sign-in is needed")
	// ErrLookAgain is what a Wait returns when the sign-in gave way to another, or its process died.
	ErrLookAgain = errors.New("the sign-in went to another process")
)

// Steps that may take long, as Broker.Step hears of them.
const (
	StepAwaiting   = "looking for a sign-in under way"
	StepLocking    = "waiting for the lock of this login"
	StepLooking    = "looking for what is kept"
	StepSigningIn  = "signing in"
	StepRenewing   = "renewing the sign-in"
	StepExchanging = "exchanging the ID token"
	StepRevoking   = "revoking the sign-in"
)

// NotInKeyringError is a warning: the keyring would not take the refresh token. The sign-in lasts as
// long as Memory does, or is not kept where there is none.
type NotInKeyringError struct{ Err error }

// Error says what follows from it, and the cause.
func (e *NotInKeyringError) Error() string {
	return "this sign-in lasts as long as the agent: " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *NotInKeyringError) Unwrap() error { return e.Err }

// Broker gives credentials for one login and one exchange.
type Broker struct {
	Source    Source
	Exchanger Exchanger
	// Memory keeps tokens and credentials, and the refresh token where there is no Keyring. Nil: every
	// call derives its credential anew.
	Memory Store
	// Keyring keeps the refresh token; nil where the system has none.
	Keyring Store
	// Index hears what comes to be and what ends; nil: nobody does.
	Index Index
	// Lock holds off every other process that works on this login.
	Lock func(ctx context.Context) (release func(), err error)
	// Anonymous says that nobody signs in: Exchanger needs no token, and Source is not used (guests of
	// an identity pool).
	Anonymous bool
	// LoginKey names the login, CredentialKey this exchange below it.
	LoginKey, CredentialKey string
	// Attempts may be nil where nobody else signs in.
	Attempts Attempts
	// Apart begins a sign-in that nobody asked for, in a process of its own, and returns when others can see
	// that it is under way. The wait for what comes of it is done without the lock. nil, and ErrSignInNeeded:
	// nobody is to be bothered.
	Apart func(ctx context.Context) (Wait, error)
	// Settle hears what became of a sign-in whose grant came: a credential, or an error. nil: nobody does.
	Settle func(error)
	Now    func() time.Time
	// Warn hears of what went wrong without being in the way; nil: nobody does.
	Warn func(error)
	// Step hears what is being done, never a secret; nil: nobody does.
	Step func(step string)

	grant identity.Grant
}

// Credential returns a credential that no SDK will find stale, or the best that can be had in silence.
func (b *Broker) Credential(ctx context.Context) (credential.Credential, error) {
	return b.credential(ctx, b.fresh)
}

// CredentialLasting returns a credential with at least that much of its life left, or half of its life
// if that is less: for those who cannot come back for another.
func (b *Broker) CredentialLasting(ctx context.Context, least time.Duration) (credential.Credential, error) {
	return b.credential(ctx, func(c credential.Credential) bool { return c.Lasts(b.Now(), least) })
}

// EnsureSignedIn returns a fresh credential, and has the person sign in if only that yields one and mayAsk returns
// nil. asked says that the person did. No browser opens for a failure that may pass on its own: then the credential is the
// cached one as long as it works.
func (b *Broker) EnsureSignedIn(ctx context.Context, mayAsk func() error) (c credential.Credential, asked bool, err error) {
	c, err = b.freshOrCached(ctx, b.fresh)
	if err == nil && b.fresh(c) {
		return c, false, nil
	}
	if err != nil && !signInHelps(err) {
		c, err = b.orKept(c, err)
		return c, false, err
	}
	if !b.Anonymous { // a guest is not asked
		if err := mayAsk(); err != nil {
			return credential.Credential{}, false, err
		}
	}
	c, err = b.SignIn(ctx)
	return c, true, err
}

// signInHelps reports whether a person who asks for it should be sent to the IdP. It is wider than
// ErrSignInNeeded: an IdP that answers anything but tokens may do so to every refresh request to come.
func signInHelps(err error) bool {
	_, refused := errors.AsType[*identity.RefusedError](err)
	return refused || errors.Is(err, ErrSignInNeeded)
}

func (b *Broker) fresh(c credential.Credential) bool { return c.Fresh(b.Now()) }

// credential returns one that is enough, else the cached one while that works.
func (b *Broker) credential(ctx context.Context, enough func(credential.Credential) bool) (credential.Credential, error) {
	c, err := b.freshOrCached(ctx, enough)
	if err != nil {
		return b.orKept(c, err)
	}
	return c, nil
}

// freshOrCached returns a credential that is enough, and takes the lock only when the cached one is not. The
// credential beside an error is the cached one, perhaps none.
func (b *Broker) freshOrCached(ctx context.Context, enough func(credential.Credential) bool) (credential.Credential, error) {
	kept := b.keptCredential(ctx)
	if enough(kept) {
		b.step("the kept credential is fresh")
		return kept, nil
	}
	before := b.generationBefore(ctx)
	for {
		if err := b.await(ctx, kept); err != nil {
			return credential.Credential{}, err
		}
		c, wait, err := b.underLock(ctx, enough, before)
		if wait == nil {
			return c, err
		}
		if c, err = wait(ctx); !errors.Is(err, ErrLookAgain) {
			return c, err
		}
		kept = b.keptCredential(ctx)
	}
}

// await waits for a sign-in that is under way, which will have what is needed, unless what is kept works or
// nobody is to wait for a person here.
func (b *Broker) await(ctx context.Context, kept credential.Credential) error {
	if b.Attempts == nil || b.Apart == nil || b.Anonymous || b.usable(kept) {
		return nil
	}
	b.step(StepAwaiting)
	if err := b.Attempts.Await(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrSignInNeeded, err)
	}
	return nil
}

// underLock does what can be done silently. Where only a person helps it has a sign-in begin, if that may
// be, and returns how to wait for it. The credential beside an error is the cached one, perhaps none.
func (b *Broker) underLock(ctx context.Context, enough func(credential.Credential) bool, before int64) (
	c credential.Credential, wait Wait, err error) {
	release, err := b.locked(ctx)
	if err != nil {
		return b.keptCredential(ctx), nil, fmt.Errorf("waiting for another daypass: %w", err)
	}
	defer release()
	kept := b.keptCredential(ctx)
	if enough(kept) {
		b.step("another process got a fresh credential meanwhile")
		return kept, nil, nil
	}
	c, err = b.renewed(ctx)
	switch {
	case errors.Is(err, errSignedOut):
	case err != nil && b.usable(kept): // no browser opens by itself while a working credential is at hand
		c = kept
	case errors.Is(err, ErrSignInNeeded) && b.signedOutSince(ctx, before):
		err = errSignedOut
	case errors.Is(err, ErrSignInNeeded) && b.Apart != nil:
		wait, err = b.Apart(ctx)
	}
	return c, wait, err
}

// Grant returns what is kept of the sign-in; the zero Grant when nobody is signed in.
func (b *Broker) Grant(ctx context.Context) identity.Grant {
	if b.grant.ID.IsZero() && b.grant.Refresh.IsZero() {
		b.grant, _ = b.keptGrant(ctx)
	}
	return b.grant
}

// orKept returns the kept credential with a warning as long as it works, else the error.
func (b *Broker) orKept(kept credential.Credential, err error) (credential.Credential, error) {
	if !b.usable(kept) {
		return credential.Credential{}, err
	}
	if !errors.Is(err, ErrSignInNeeded) {
		b.warn(fmt.Errorf("going on with the kept credential: %w", err))
	}
	return kept, nil
}

func (b *Broker) usable(c credential.Credential) bool {
	return !c.IsZero() && !c.Expired(b.Now())
}

// exchanged trades the token and keeps what comes of it. A credential of a sign-in that is over meanwhile is
// not handed out.
func (b *Broker) exchanged(ctx context.Context, token identity.Token, generation int64) (credential.Credential, error) {
	b.step(StepExchanging)
	c, err := b.Exchanger.Exchange(ctx, token)
	if err != nil {
		return credential.Credential{}, err
	}
	if err := b.keepCredential(ctx, c, generation); err != nil {
		return credential.Credential{}, err
	}
	return c, nil
}

func (b *Broker) locked(ctx context.Context) (release func(), err error) {
	b.step(StepLocking)
	if release, err = b.Lock(ctx); err == nil {
		b.step(StepLooking)
	}
	return release, err
}

func (b *Broker) step(step string) {
	if b.Step != nil {
		b.Step(step)
	}
}

func (b *Broker) warn(err error) {
	if b.Warn != nil && err != nil {
		b.Warn(err)
	}
}
