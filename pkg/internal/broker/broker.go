// Package broker decides where a fresh credential comes from: the cache, a silent renewal, or a person's
// sign-in. A Session owns one login; the Broker owns one credential and asks its Sessions for proof.
//
// A request for a credential:
//
//  1. Read the cache. A fresh credential is returned; nothing below happens.
//  2. Note the time, so that a later sign-out can be told from an earlier one.
//  3. If another process's sign-in is pending and the cached credential no longer works, wait for that sign-in.
//  4. Take the lock of each session, in the order of their keys, and read the cache again: another process may
//     have done the work.
//  5. Ask the sessions for proof of identity. A person's session returns an ID token with two minutes or more
//     left, else it uses its refresh token once.
//  6. Exchange the proof for a credential. If AWS calls the proof expired, renew it once and try again.
//  7. Cache the credential, unless the sign-in it came from has ended meanwhile, and return it.
//  8. If no session has proof, return the cached credential as long as it works. Otherwise start a sign-in in a
//     background process, release the locks, wait for its result, and start again at 3 if another sign-in replaced it.
//
// A renewal stores the new refresh token before it uses anything else of the answer, because the old one may be
// void already. If the IdP refuses the refresh token, the stores are read again: a different token is tried once;
// otherwise the refused token, and only that one, is deleted.
//
// A sign-out takes the lock, starts a new generation in both stores, deletes what they held, and then revokes the
// refresh token at the IdP. Later writes of an older generation are ignored (see generation.go).
package broker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
)

var (
	// ErrSignInNeeded says that only a person's sign-in would help and that none may be started here.
	ErrSignInNeeded = errors.New("sign-in required")
	// ErrLookAgain is returned by a Wait when another sign-in replaced this one, or its process ended.
	ErrLookAgain = errors.New("the sign-in moved to another process")
)

// Steps that may take long, as Step reports them.
const (
	StepAwaiting   = "checking for a pending sign-in"
	StepLocking    = "waiting for the lock of this login"
	StepLooking    = "reading the cache"
	StepSigningIn  = "signing in"
	StepRenewing   = "renewing the sign-in"
	StepExchanging = "exchanging the ID token"
	StepRevoking   = "revoking the sign-in"
)

// Broker returns credentials for one exchange. It is for one goroutine at a time.
type Broker struct {
	// Sessions can prove who somebody is, in order of preference. There is at least one.
	Sessions  []Session
	Exchanger Exchanger
	// Memory caches credentials under CredentialKey. If it is nil, nothing is cached.
	Memory        Store
	CredentialKey string
	Now           func() time.Time
	// Warn reports a failure that did not prevent the result. It may be nil.
	Warn func(error)
	// Step reports what is being done, never a secret. It may be nil.
	Step func(step string)
}

// Credential returns a credential that no SDK considers stale, or the best one that can be had without a person.
func (b *Broker) Credential(ctx context.Context) (credential.Credential, error) {
	return b.credential(ctx, b.fresh)
}

// CredentialLasting returns a credential with at least that much of its life left, or half of its life
// if that is less: for callers that cannot come back for another.
func (b *Broker) CredentialLasting(ctx context.Context, least time.Duration) (credential.Credential, error) {
	return b.credential(ctx, func(c credential.Credential) bool { return c.Lasts(b.Now(), least) })
}

// Cached returns the cached credential, fresh or not; the zero Credential if there is none or it has expired.
func (b *Broker) Cached(ctx context.Context) credential.Credential {
	return CachedCredential(ctx, b.Memory, b.CredentialKey, b.Now())
}

// CachedCredential is Broker.Cached for any key of a store.
func CachedCredential(ctx context.Context, memory Store, key string, now time.Time) credential.Credential {
	if c := read(ctx, memory, key); usable(c, now) {
		return c
	}
	return credential.Credential{}
}

// read returns the zero Credential when the store fails: every caller can continue without it.
func read(ctx context.Context, memory Store, key string) credential.Credential {
	if memory == nil {
		return credential.Credential{}
	}
	record, err := memory.Get(ctx, key)
	if err != nil {
		return credential.Credential{}
	}
	return credential.FromRecord(record)
}

func usable(c credential.Credential, now time.Time) bool { return !c.IsZero() && !c.Expired(now) }

// SignIn has the person sign in, whatever is cached, and returns a credential of that sign-in.
func (b *Broker) SignIn(ctx context.Context) (c credential.Credential, err error) {
	s := b.Sessions[0]
	err = s.SignIn(ctx, func(ctx context.Context, p identity.Proof) error {
		c, err = b.exchange(ctx, s, p)
		return err
	})
	if err != nil {
		return credential.Credential{}, err
	}
	return c, nil
}

// EnsureSignedIn returns a fresh credential. If that needs a sign-in and mayAsk returns nil, the person signs in, and
// asked is true. After a temporary failure no browser opens, and the cached credential is returned as long as it
// works.
func (b *Broker) EnsureSignedIn(ctx context.Context, mayAsk func() error) (c credential.Credential, asked bool, err error) {
	c, err = b.freshOrCached(ctx, b.fresh)
	if err == nil && b.fresh(c) {
		return c, false, nil
	}
	if err != nil && !signInHelps(err) {
		c, err = b.orCached(c, err)
		return c, false, err
	}
	if b.prompter() != nil { // a guest is not asked
		if err := mayAsk(); err != nil {
			return credential.Credential{}, false, err
		}
	}
	c, err = b.SignIn(ctx)
	return c, true, err
}

// signInHelps reports whether a person who asks for it should be sent to the IdP. It is wider than ErrSignInNeeded: an
// IdP that answers anything but tokens may do so to every refresh request to come.
func signInHelps(err error) bool {
	_, refused := errors.AsType[*identity.RefusedError](err)
	return refused || errors.Is(err, ErrSignInNeeded)
}

func (b *Broker) fresh(c credential.Credential) bool { return c.Fresh(b.Now()) }

// credential returns one that is enough, else the cached one as long as that works.
func (b *Broker) credential(ctx context.Context, enough func(credential.Credential) bool) (credential.Credential, error) {
	c, err := b.freshOrCached(ctx, enough)
	if err != nil {
		return b.orCached(c, err)
	}
	return c, nil
}

// freshOrCached takes the locks only when the cached credential is not enough. The credential beside an error is the
// cached one, perhaps none.
func (b *Broker) freshOrCached(ctx context.Context, enough func(credential.Credential) bool) (credential.Credential, error) {
	cached := read(ctx, b.Memory, b.CredentialKey)
	if enough(cached) {
		b.step("the cached credential is fresh")
		return cached, nil
	}
	prompter, since := b.prompter(), int64(0)
	if prompter != nil {
		since = prompter.Generation(ctx)
	}
	for {
		if prompter != nil && !usable(cached, b.Now()) {
			if err := prompter.AwaitSignIn(ctx); err != nil {
				return credential.Credential{}, err
			}
		}
		c, wait, err := b.underLock(ctx, enough, prompter, since)
		if wait == nil {
			return c, err
		}
		if c, err = wait(ctx); !errors.Is(err, ErrLookAgain) {
			return c, err
		}
		cached = read(ctx, b.Memory, b.CredentialKey)
	}
}

// prompter is the first session that can have its person sign in; nil if there is none.
func (b *Broker) prompter() Prompter {
	for _, s := range b.Sessions {
		if p, ok := s.(Prompter); ok {
			return p
		}
	}
	return nil
}

// underLock does what can be done silently. If only a person can help and one may be asked, it starts a sign-in
// and returns how to wait for it. The credential beside an error is the cached one, perhaps none.
func (b *Broker) underLock(ctx context.Context, enough func(credential.Credential) bool, prompter Prompter, since int64) (
	c credential.Credential, wait Wait, err error) {
	release, err := b.lock(ctx)
	if err != nil {
		return read(ctx, b.Memory, b.CredentialKey), nil, fmt.Errorf("waiting for another daypass: %w", err)
	}
	defer release()
	cached := read(ctx, b.Memory, b.CredentialKey)
	if enough(cached) {
		b.step("another process got a fresh credential meanwhile")
		return cached, nil, nil
	}
	c, err = b.silently(ctx)
	switch {
	case errors.Is(err, errSignedOut):
	case err != nil && usable(cached, b.Now()): // no browser opens by itself while the cached credential works
		c = cached
	case errors.Is(err, ErrSignInNeeded) && prompter != nil:
		wait, err = prompter.StartSignIn(ctx, since, err)
	}
	return c, wait, err
}

// lock takes the sessions' locks in the order of their keys, so that two brokers with common sessions cannot
// block each other.
func (b *Broker) lock(ctx context.Context) (release func(), err error) {
	var held []func()
	release = func() {
		for _, r := range slices.Backward(held) {
			r()
		}
	}
	ordered := slices.SortedFunc(slices.Values(b.Sessions), func(x, y Session) int { return strings.Compare(x.Key(), y.Key()) })
	for _, s := range ordered {
		r, err := s.Lock(ctx)
		if err != nil {
			release()
			return nil, err
		}
		held = append(held, r)
	}
	return release, nil
}

// silently gets a credential from the first session that has proof. ErrSignInNeeded says that none has.
func (b *Broker) silently(ctx context.Context) (c credential.Credential, err error) {
	for _, s := range b.Sessions {
		var p identity.Proof
		if p, err = s.Proof(ctx); err == nil {
			return b.exchangeOrRenew(ctx, s, p)
		}
		if !errors.Is(err, ErrSignInNeeded) || errors.Is(err, errSignedOut) {
			return credential.Credential{}, err
		}
	}
	return credential.Credential{}, err
}

// exchangeOrRenew renews the proof once if AWS calls it expired.
func (b *Broker) exchangeOrRenew(ctx context.Context, s Session, p identity.Proof) (credential.Credential, error) {
	c, err := b.exchange(ctx, s, p)
	if !errors.Is(err, identity.ErrTokenRejected) {
		return c, err
	}
	newer, renewErr := s.Renew(ctx)
	switch {
	case errors.Is(renewErr, errJustRenewed):
		return c, err
	case renewErr != nil:
		return credential.Credential{}, renewErr
	}
	return b.exchange(ctx, s, newer)
}

// exchange caches what AWS issues for the proof. A credential of a sign-in that ended meanwhile is not returned.
func (b *Broker) exchange(ctx context.Context, s Session, p identity.Proof) (credential.Credential, error) {
	b.step(StepExchanging)
	c, err := b.Exchanger.Exchange(ctx, p)
	if err != nil {
		return credential.Credential{}, err
	}
	if err := s.Issued(ctx); err != nil {
		return credential.Credential{}, err
	}
	if b.Memory != nil {
		b.warn(b.Memory.Put(ctx, b.CredentialKey, c.Record(), c.Expiration))
	}
	return c, nil
}

// orCached returns the cached credential with a warning as long as it works, else the error.
func (b *Broker) orCached(cached credential.Credential, err error) (credential.Credential, error) {
	if !usable(cached, b.Now()) {
		return credential.Credential{}, err
	}
	if !errors.Is(err, ErrSignInNeeded) {
		b.warn(fmt.Errorf("using the cached credential: %w", err))
	}
	return cached, nil
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
