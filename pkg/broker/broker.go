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

// ErrSignInNeeded says that only a person's sign-in would help and that none may be started here.
var ErrSignInNeeded = errors.New("a sign-in is needed")

// Steps that may take long, as Broker.Step hears of them.
const (
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

// Source gets grants from an IdP. Its errors say what was being done, and are passed on as they are.
type Source interface {
	// SignIn has a person sign in.
	SignIn(ctx context.Context) (identity.Grant, error)
	// Renew gets new tokens in silence. identity.ErrGrantRevoked says that it never will again,
	// identity.ErrNoIDToken that it is of no use. A refresh token beside an error replaces the kept one.
	Renew(ctx context.Context, kept identity.Grant) (identity.Grant, error)
	// Revoke ends a grant at the IdP (RFC 7009).
	Revoke(ctx context.Context, kept identity.Grant) error
}

// Exchanger trades an ID token for a credential; identity.ErrTokenRejected says that a renewed token
// may pass.
type Exchanger interface {
	Exchange(ctx context.Context, token identity.Token) (credential.Credential, error)
}

// Store keeps opaque bytes.
type Store interface {
	// Get returns nil where there is nothing of that key.
	Get(ctx context.Context, key string) ([]byte, error)
	// Put keeps a value until then; the zero time means until it is deleted.
	Put(ctx context.Context, key string, value []byte, until time.Time) error
	// Delete forgets the key and every key below it ("key/…"). Deleting what is not there is no error.
	Delete(ctx context.Context, key string) error
}

// Index knows which logins there are, and nothing secret of them. It is not asked on the way to a kept
// credential, and its errors are in nobody's way.
type Index interface {
	// Note hears that this login is signed in to, and of each credential that comes of it.
	Note(ctx context.Context) error
	// SignedOut hears that nothing of this login is kept any more.
	SignedOut(ctx context.Context) error
}

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
	// MaySignIn decides, when it comes to that, whether the person may be bothered; nil: never.
	MaySignIn func() bool
	Now       func() time.Time
	// Warn hears of what went wrong without being in the way; nil: nobody does.
	Warn func(error)
	// Step hears what is being done, never a secret; nil: nobody does.
	Step func(step string)

	grant identity.Grant
}

// Credential returns a credential that no SDK will find stale, or the best that can be had in silence.
func (b *Broker) Credential(ctx context.Context) (credential.Credential, error) {
	return b.credential(ctx, func(c credential.Credential) bool { return c.Fresh(b.Now()) })
}

// CredentialLasting returns a credential with at least that much of its life left, or half of its life
// if that is less: for those who cannot come back for another.
func (b *Broker) CredentialLasting(ctx context.Context, least time.Duration) (credential.Credential, error) {
	return b.credential(ctx, func(c credential.Credential) bool { return c.Lasts(b.Now(), least) })
}

// credential returns one that is enough, and takes the lock only when the kept one is not.
func (b *Broker) credential(ctx context.Context, enough func(credential.Credential) bool) (credential.Credential, error) {
	kept := b.keptCredential(ctx)
	if enough(kept) {
		b.step("the kept credential is fresh")
		return kept, nil
	}
	release, err := b.locked(ctx)
	if err != nil {
		return b.orKept(kept, fmt.Errorf("waiting for another daypass: %w", err))
	}
	defer release()
	if kept = b.keptCredential(ctx); enough(kept) { // another process did the work while we waited
		b.step("another process got a fresh credential meanwhile")
		return kept, nil
	}
	fresh, err := b.renewed(ctx)
	if errors.Is(err, errSignedOut) {
		return credential.Credential{}, err
	}
	if err != nil && b.usable(kept) { // nobody is sent to a browser while a working credential is at hand
		return b.orKept(kept, err)
	}
	if errors.Is(err, ErrSignInNeeded) && b.MaySignIn != nil && b.MaySignIn() {
		return b.signedIn(ctx)
	}
	return fresh, err
}

// SignIn has the person sign in whatever is kept, and returns a credential of that sign-in.
func (b *Broker) SignIn(ctx context.Context) (credential.Credential, error) {
	release, err := b.locked(ctx)
	if err != nil {
		return credential.Credential{}, fmt.Errorf("waiting for another daypass: %w", err)
	}
	defer release()
	return b.signedIn(ctx)
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

// signedIn has the person sign in. Whoever was signed in before is forgotten first, with every
// credential that came of it.
func (b *Broker) signedIn(ctx context.Context) (credential.Credential, error) {
	if b.Anonymous {
		return b.newGuest(ctx)
	}
	b.step(StepSigningIn)
	grant, err := b.Source.SignIn(ctx)
	if err != nil {
		return credential.Credential{}, err
	}
	before, generation := b.keptGrant(ctx)
	if before.ID.Claims.Subject != grant.ID.Claims.Subject {
		b.forgetMemory(ctx)
	}
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
