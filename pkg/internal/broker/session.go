package broker

import (
	"context"
	"errors"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
)

// Session is one login: it proves to AWS who somebody is. Proof, Renew and Issued are called with its lock held.
type Session interface {
	// Key identifies the login.
	Key() string
	// Lock waits until no other process works on this login.
	Lock(ctx context.Context) (release func(), err error)
	// Proof returns proof without asking the person; the error wraps ErrSignInNeeded if there is none.
	Proof(ctx context.Context) (identity.Proof, error)
	// Renew returns another proof than the last, which AWS has called expired. The error is errJustRenewed if
	// the last one was new.
	Renew(ctx context.Context) (identity.Proof, error)
	// Issued records that AWS issued a credential for the last proof. The error is errSignedOut if the sign-in
	// that the proof came from has ended: the credential must not be used then.
	Issued(ctx context.Context) error
	// SignIn obtains a proof from the person, stores it in place of an earlier one, and calls use under the lock.
	SignIn(ctx context.Context, use func(context.Context, identity.Proof) error) error
}

// Prompter is a Session that can start a sign-in by itself.
type Prompter interface {
	// Generation is later than every sign-out so far.
	Generation(ctx context.Context) int64
	// AwaitSignIn returns when no sign-in is pending, and immediately if none may be started here. The error wraps
	// ErrSignInNeeded if ctx ended first.
	AwaitSignIn(ctx context.Context) error
	// StartSignIn starts a sign-in in a background process, with the lock held, and returns when other processes
	// can see it. Needed says why one is needed; it is returned if none may be started here. After a sign-out
	// later than since none is started.
	StartSignIn(ctx context.Context, since int64, needed error) (Wait, error)
}

// errJustRenewed says that a proof was refused although it was new.
var errJustRenewed = errors.New("the proof was renewed just now")

// IdP gets grants from an identity provider. Its errors say what was being done, and are passed on as they are.
type IdP interface {
	// SignIn has a person sign in.
	SignIn(ctx context.Context) (identity.Grant, error)
	// Renew gets new tokens silently. identity.ErrGrantRevoked says that the grant has ended, identity.ErrNoIDToken
	// that the answer has no ID token, an identity.RefusedError that the IdP answered something else. A refresh token
	// returned with an error replaces the stored one.
	Renew(ctx context.Context, stored identity.Grant) (identity.Grant, error)
	// Revoke ends a grant at the IdP (RFC 7009).
	Revoke(ctx context.Context, stored identity.Grant) error
}

// Exchanger trades proof for a credential; identity.ErrTokenRejected says that a renewed proof may pass.
type Exchanger interface {
	Exchange(ctx context.Context, p identity.Proof) (credential.Credential, error)
}

// Store stores opaque bytes.
type Store interface {
	// Get returns nil when there is no such key.
	Get(ctx context.Context, key string) ([]byte, error)
	// Put stores a value until then; the zero time means until it is deleted.
	Put(ctx context.Context, key string, value []byte, until time.Time) error
	// Delete deletes the key and every key below it ("key/…"). A missing key is not an error.
	Delete(ctx context.Context, key string) error
}

// Index lists which logins exist, without secrets. It is not used on the way to a cached credential, and its
// errors are warnings.
type Index interface {
	// Note records a sign-in to this login, and each credential of it.
	Note(ctx context.Context) error
	// SignedOut records that nothing of this login is stored any more.
	SignedOut(ctx context.Context) error
}

// SignIns coordinates the sign-ins of one login across processes.
type SignIns interface {
	// Await returns when none is pending, or with an error when ctx ended first.
	Await(ctx context.Context) error
	// Take begins one in this process, and returns a context that ends when it is withdrawn. End must be called
	// with its result.
	Take(ctx context.Context) (signIn context.Context, end func(error), err error)
	// SignOut withdraws a pending one for the sign-out of that generation, and reports whether there was one.
	// SignedOut returns that generation until another sign-in begins, because the stores may have lost it.
	SignOut(generation int64) (was bool)
	SignedOut() (generation int64)
}

// Wait returns the result of a sign-in, or ErrLookAgain.
type Wait func(ctx context.Context) (credential.Credential, error)
