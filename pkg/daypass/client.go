// Package daypass gives Go programs what the command daypass gives shells: it signs a person in at their identity
// provider and returns short-lived AWS credentials.
//
// Open turns a profile into a Client, the only type that knows every part: stores, lock, sign-in, exchange. A program
// that only wants a credentials provider for the AWS SDK calls NewProvider.
package daypass

import (
	"context"
	"errors"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/login"
	"github.com/daypass/daypass/pkg/internal/signin"
	"github.com/daypass/daypass/pkg/internal/storekey"
	"github.com/daypass/daypass/pkg/profile"
)

var (
	// ErrSignInNeeded says that only a person's sign-in would help, and that none may be started here.
	ErrSignInNeeded = broker.ErrSignInNeeded
	// ErrInterrupted is the cause of a context that the person's Ctrl-C ended. A pending sign-in that was started for
	// that context ends too.
	ErrInterrupted = signin.ErrInterrupted
)

// Error is an error of a Client, with the profile that it is about.
type Error struct {
	Profile profile.Profile
	Err     error
}

// Error implements error.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the wrapped error.
func (e *Error) Unwrap() error { return e.Err }

// Client does for one profile what the commands do. It is for one goroutine at a time. Its errors are *Error.
type Client struct {
	profile profile.Profile
	options Options
	broker  *broker.Broker
	session session
	signIns *signin.Coordinator // nil for a guest
	login   *login.Login        // nil for a guest
	tab     login.Tab
}

// session is a broker.Session that can also end, and say what is stored of it.
type session interface {
	broker.Session
	SignOut(ctx context.Context) (broker.SignOutResult, error)
	Stored(ctx context.Context) broker.Stored
	Grant(ctx context.Context) identity.Grant
}

// Open returns the profile's client. It sends no request and starts nothing; it fails only if this machine's private
// directory cannot be used.
func Open(p profile.Profile, o Options) (*Client, error) { return open(p, o, storekey.NamesOf(p)) }

// Close waits until the browser has shown the result of a sign-in, for at most about two seconds. The credential does
// not depend on it.
func (c *Client) Close() { c.tab.Wait() }

// Profile returns the profile that the client was opened with.
func (c *Client) Profile() profile.Profile { return c.profile }

// Credential returns a credential that no SDK considers stale: the cached one, or a new one, which may need the person
// (see Options.MaySignIn). If no new one can be had, it returns a stale credential as long as that works.
func (c *Client) Credential(ctx context.Context) (credential.Credential, error) {
	return result(c, func() (credential.Credential, error) { return c.broker.Credential(ctx) })
}

// CredentialLasting returns a credential with at least that much of its life left, or half of its life if that is
// less: for callers that cannot come back for another.
func (c *Client) CredentialLasting(ctx context.Context, least time.Duration) (credential.Credential, error) {
	return result(c, func() (credential.Credential, error) { return c.broker.CredentialLasting(ctx, least) })
}

// Cached returns the cached credential, fresh or not; the zero Credential if there is none or it has expired. It waits
// for no lock and sends no request.
func (c *Client) Cached(ctx context.Context) credential.Credential { return c.broker.Cached(ctx) }

// SignIn has the person sign in through Options.OpenBrowser, whatever is cached, and returns a credential of that
// sign-in. A guest becomes a new guest.
func (c *Client) SignIn(ctx context.Context) (credential.Credential, error) {
	return result(c, func() (credential.Credential, error) { return c.broker.SignIn(ctx) })
}

// EnsureSignedIn returns a fresh credential. If that needs a sign-in and mayAsk returns nil, the person signs in, and
// asked is true. After a temporary failure no browser opens, and the cached credential is returned as long as it
// works.
func (c *Client) EnsureSignedIn(ctx context.Context, mayAsk func() error) (got credential.Credential, asked bool, err error) {
	got, err = result(c, func() (v credential.Credential, err error) {
		v, asked, err = c.broker.EnsureSignedIn(ctx, mayAsk)
		return v, err
	})
	return got, asked, err
}

// Grant returns what is stored of the sign-in; the zero Grant when nobody is signed in, and for a guest.
func (c *Client) Grant(ctx context.Context) identity.Grant { return c.session.Grant(ctx) }

// Verify asks AWS STS whose credential it is (GetCallerIdentity), and returns the principal. The error says so if AWS
// names another one than the credential does.
func (c *Client) Verify(ctx context.Context, of credential.Credential) (credential.Principal, error) {
	return result(c, func() (credential.Principal, error) {
		return securityTokens(c.profile, c.options, httpClient(c.profile, c.options.step(), nil)).Verify(ctx, of)
	})
}

// SignOutResult says what a sign-out did.
type SignOutResult struct {
	// Claims are those of the person who was signed in; zero when nobody was.
	Claims identity.Claims
	// IDToken is the one that was stored. It tells the identity provider whose session to end.
	IDToken     identity.Token
	WasSignedIn bool
	// Revoked says that the identity provider revoked the grant, RevokeErr why it did not. Neither is set if there was
	// no token that could be revoked.
	Revoked   bool
	RevokeErr error
	// KeyringErr says why the keyring could not delete. It may still hold a refresh token, unless InMemory says
	// that there was no keyring when this sign-in's was stored.
	KeyringErr error
	InMemory   bool
}

// Complete reports whether nothing can be left, not even in a keyring that did not answer.
func (r SignOutResult) Complete() bool { return broker.SignOutResult(r).Complete() }

// SignOut deletes the sign-in and its credentials, and revokes it at the identity provider if that offers it
// (RFC 7009). Whatever the identity provider answers, nothing is stored here afterwards.
func (c *Client) SignOut(ctx context.Context) (SignOutResult, error) {
	return result(c, func() (SignOutResult, error) {
		r, err := c.session.SignOut(ctx)
		return SignOutResult(r), err
	})
}

// EndSession takes the person's browser to the identity provider to end the session there (OpenID Connect RP-Initiated
// Logout 1.0). The ID token says whose session that is.
func (c *Client) EndSession(ctx context.Context, idToken identity.Token) error {
	if c.login == nil {
		return &Error{c.profile, errors.New("a guest has no session at an identity provider")}
	}
	if err := c.login.EndSession(ctx, idToken); err != nil {
		return &Error{c.profile, err}
	}
	return nil
}

// result puts the profile beside an error.
func result[T any](c *Client, do func() (T, error)) (T, error) {
	v, err := do()
	if err != nil {
		err = &Error{c.profile, err}
	}
	return v, err
}
