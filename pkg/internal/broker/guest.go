package broker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/daypass/daypass/pkg/identity"
)

// GuestSession is the login of a guest of an identity pool, without any person. Its identity ID is enough to get
// credentials, so it is stored like a refresh token: in the keyring or, if there is none, in memory. It implements
// Session, and exchange.IdentityIDs for the exchange.
type GuestSession struct {
	// Memory may be nil.
	Memory, Keyring Store
	// Index may be nil.
	Index    Index
	LoginKey string
	Locker   func(ctx context.Context) (release func(), err error)
	Warn     func(error)
	Step     func(step string)
}

// Key implements Session.
func (g *GuestSession) Key() string { return g.LoginKey }

// Lock implements Session.
func (g *GuestSession) Lock(ctx context.Context) (release func(), err error) {
	return lockWith(ctx, g.Locker, g.Step)
}

// Proof implements Session: a guest has none to show.
func (g *GuestSession) Proof(context.Context) (identity.Proof, error) { return identity.Proof{}, nil }

// Renew implements Session.
func (g *GuestSession) Renew(context.Context) (identity.Proof, error) {
	return identity.Proof{}, errJustRenewed
}

// Issued implements Session.
func (g *GuestSession) Issued(ctx context.Context) error {
	if g.Index == nil {
		return nil
	}
	if err := g.Index.Note(ctx); err != nil && g.Step != nil {
		g.Step(err.Error())
	}
	return nil
}

// SignIn implements Session: it discards the identity, so that the exchange becomes a new guest.
func (g *GuestSession) SignIn(ctx context.Context, use func(context.Context, identity.Proof) error) error {
	release, err := g.Lock(ctx)
	if err != nil {
		return fmt.Errorf("waiting for another daypass: %w", err)
	}
	defer release()
	if err := errors.Join(deleteKey(ctx, g.Memory, g.LoginKey), deleteKey(ctx, g.Keyring, g.LoginKey)); err != nil && g.Warn != nil {
		g.Warn(fmt.Errorf("deleting the previous guest: %w", err))
	}
	return use(ctx, identity.Proof{})
}

// SignOut deletes the guest's identity ID. The identity cannot be reached again.
func (g *GuestSession) SignOut(ctx context.Context) (SignOutResult, error) {
	release, err := g.Lock(ctx)
	if err != nil {
		return SignOutResult{}, fmt.Errorf("waiting for another daypass: %w", err)
	}
	defer release()
	done := SignOutResult{InMemory: holds(ctx, g.Memory, g.LoginKey)}
	done.WasSignedIn = done.InMemory || holds(ctx, g.Keyring, g.LoginKey)
	memoryErr := deleteKey(ctx, g.Memory, g.LoginKey)
	done.KeyringErr = deleteKey(ctx, g.Keyring, g.LoginKey)
	if memoryErr != nil {
		return done, fmt.Errorf("deleting the sign-in: %w", memoryErr)
	}
	if g.Index != nil && done.Complete() {
		if err := g.Index.SignedOut(ctx); err != nil && g.Warn != nil {
			g.Warn(err)
		}
	}
	return done, nil
}

// Stored says where the identity ID is.
func (g *GuestSession) Stored(ctx context.Context) Stored {
	s := Stored{InMemory: holds(ctx, g.Memory, g.LoginKey)}
	if g.Keyring != nil {
		id, err := g.Keyring.Get(ctx, g.LoginKey)
		s.InKeyring, s.KeyringErr = id != nil, err
	}
	return s
}

// Grant is zero: a guest has signed in nowhere.
func (g *GuestSession) Grant(context.Context) identity.Grant { return identity.Grant{} }

// Get returns the identity ID, nil if there is none. The name that the exchange gives it is not needed.
func (g *GuestSession) Get(ctx context.Context, _ string) ([]byte, error) {
	if g.Keyring != nil {
		if id, err := g.Keyring.Get(ctx, g.LoginKey); err == nil && id != nil {
			return id, nil
		}
	}
	if g.Memory == nil {
		return nil, nil
	}
	return g.Memory.Get(ctx, g.LoginKey)
}

// Put stores the identity ID under the login's own key, so that signing out deletes it. It stays until then.
func (g *GuestSession) Put(ctx context.Context, name string, id []byte, _ time.Time) error {
	if stored, err := g.Get(ctx, name); err == nil && bytes.Equal(stored, id) {
		return nil
	}
	err := errNoKeyring
	if g.Keyring != nil {
		err = g.Keyring.Put(ctx, g.LoginKey, id, time.Time{})
	}
	if err == nil || g.Memory == nil {
		return err
	}
	return g.Memory.Put(ctx, g.LoginKey, id, time.Time{})
}

var errNoKeyring = errors.New("there is no keyring")
