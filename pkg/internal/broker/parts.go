package broker

import (
	"context"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
)

// Source gets grants from an IdP. Its errors say what was being done, and are passed on as they are.
type Source interface {
	// SignIn has a person sign in.
	SignIn(ctx context.Context) (identity.Grant, error)
	// Renew gets new tokens in silence. identity.ErrGrantRevoked says that it never will again,
	// identity.ErrNoIDToken that it is of no use, an identity.RefusedError that the IdP answered something else.
	// A refresh token beside an error replaces the kept one.
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

// Attempts keeps the sign-ins of one login, in any number of processes, out of each other's way.
type Attempts interface {
	// Await returns when none is under way, or with an error when ctx ended first.
	Await(ctx context.Context) error
	// Take begins one in this process, and gives it a context that ends when it is withdrawn. End is to be
	// called with what became of it.
	Take(ctx context.Context) (signIn context.Context, end func(error), err error)
	// Withdraw ends one that is under way, wherever that is, and says whether one was.
	Withdraw() (was bool)
	// SignOut does so for that generation's sign-out, and SignedOut says which was the last that did, until
	// another begins: there may be no store that remembers it.
	SignOut(generation int64) (was bool)
	SignedOut() (generation int64)
}

// Wait returns what comes of a sign-in, or ErrLookAgain.
type Wait func(ctx context.Context) (credential.Credential, error)
