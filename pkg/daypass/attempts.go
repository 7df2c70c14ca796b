package daypass

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/login"
	"github.com/daypass/daypass/pkg/internal/signin"
	"github.com/daypass/daypass/pkg/profile"
)

// attempts keeps the sign-ins of a login apart: those of this process and, through files in the private
// directory, everybody's.
type attempts struct {
	*signin.Log
	lock    func(context.Context) (release func(), err error)
	unasked bool
	kept    func(context.Context) bool // a fresh credential
	waiting func(*signin.UnderWayError, bool)
	opened  atomic.Bool // a tab
}

func newAttempts(p profile.Profile, o Options, lock func(context.Context) (func(), error), path string) *attempts {
	host := p.Login.Issuer
	if u, err := url.Parse(host); err == nil && u.Host != "" {
		host = u.Host
	}
	return &attempts{Log: &signin.Log{Path: path, Host: host, Now: o.Now}, lock: lock, unasked: o.Unasked, waiting: o.Waiting}
}

// Await returns when no sign-in is under way.
func (a *attempts) Await(ctx context.Context) error { return a.Log.Await(ctx, a.waiting) }

// Take begins a sign-in. One that was asked for takes over from another under the login's lock: whoever
// waited for that one comes for the lock next, and finds this one under way. One that was not asked for has
// the lock held by the process that began it, until it is under way.
func (a *attempts) Take(ctx context.Context) (context.Context, func(error), error) {
	begun, err := a.begin(ctx)
	if err != nil {
		return nil, nil, err
	}
	signIn, cancel := begun.Context(ctx)
	return signIn, func(err error) {
		ended := errors.Is(ctx.Err(), context.Canceled) // by a signal: nobody failed to answer
		cancel()
		if ended {
			err = nil
		}
		begun.End(a.reason(err))
	}, nil
}

func (a *attempts) begin(ctx context.Context) (*signin.Attempt, error) {
	if a.unasked {
		return a.beginUnasked(ctx)
	}
	release, err := a.lock(ctx)
	if err != nil {
		return nil, fmt.Errorf("waiting for another daypass: %w", err)
	}
	defer release()
	return a.Log.Take(ctx)
}

// beginUnasked looks again at what is kept: the process that began this one may be dead, and then another
// sign-in could come between, and end.
func (a *attempts) beginUnasked(ctx context.Context) (*signin.Attempt, error) {
	begun, err := a.Begin(ctx)
	if err == nil && a.kept(ctx) {
		begun.End("")
		return nil, broker.ErrLookAgain
	}
	return begun, err
}

// reason is why no tab is to open by itself after this one: where none did, or the person was there, that
// would be no storm.
func (a *attempts) reason(err error) string {
	if err == nil || !a.unasked || !a.opened.Load() || errors.Is(err, signin.ErrWithdrawn) {
		return ""
	}
	if e, ok := errors.AsType[*login.UnansweredError](err); ok {
		return e.Error()
	}
	if e, ok := errors.AsType[*login.IdPError](err); ok {
		return e.Error()
	}
	return err.Error()
}

// apart lets a sign-in begin if the one before did not come to nothing, and none is under way.
func (a *attempts) apart(begin func(context.Context) (broker.Wait, error)) func(context.Context) (broker.Wait, error) {
	if begin == nil {
		return nil
	}
	return func(ctx context.Context) (broker.Wait, error) {
		err := a.Check()
		if _, underWay := errors.AsType[*signin.UnderWayError](err); underWay {
			return lookAgain, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", broker.ErrSignInNeeded, err)
		}
		return begin(ctx)
	}
}

func lookAgain(context.Context) (credential.Credential, error) {
	return credential.Credential{}, broker.ErrLookAgain
}

// watching notes that a tab was opened, and tells on.
func (a *attempts) watching(notify func(login.Event)) func(login.Event) {
	return func(e login.Event) {
		if _, opening := e.(login.BrowserOpening); opening {
			a.opened.Store(true)
		}
		if notify != nil {
			notify(e)
		}
	}
}
