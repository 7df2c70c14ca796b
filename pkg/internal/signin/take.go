package signin

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/daypass/daypass/pkg/internal/lock"
)

// attempt is a sign-in in this process, from before its tab opens until its end.
type attempt struct {
	c       *Coordinator
	id      string // "" when it could not be recorded
	release func()
}

// Take starts a sign-in in this process. The context that it returns ends when ctx does, or with the cause ErrWithdrawn
// when the sign-in is withdrawn. End must be called with the result.
//
// A sign-in that the person asked for takes over from a pending one, under the login's lock: callers that waited for
// that one take the login's lock next, and find this one pending. In a background process the error is a *FailedError
// as from Check, that of Unneeded, or ErrSuperseded if two processes started one at the same moment. The caller that
// started the process holds the login's lock meanwhile.
func (c *Coordinator) Take(ctx context.Context) (context.Context, func(error), error) {
	take := c.takeOver
	if c.Background {
		take = c.begin
	}
	a, err := take(ctx)
	if err != nil {
		return nil, nil, err
	}
	wanted, cancel := a.context(ctx)
	return wanted, func(err error) {
		interrupted := errors.Is(ctx.Err(), context.Canceled) // by a signal, which is not a failure
		cancel()
		a.end(c.reason(err, interrupted))
	}, nil
}

// begin is for a sign-in that the person did not ask for. If it cannot be recorded, or if what the last one left cannot
// be read, no tab may open.
func (c *Coordinator) begin(ctx context.Context) (*attempt, error) {
	a, err := c.lock(ctx)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, ErrSuperseded
	}
	if err != nil {
		return nil, err
	}
	before, err := c.read()
	if err == nil {
		err = before.failure()
	}
	if err == nil {
		err = a.record(record{Deaths: before.nextDeaths()})
	}
	if err != nil {
		a.release()
		return nil, err
	}
	// The caller may have died before this one was recorded, and another sign-in may have come and gone.
	if c.Unneeded != nil {
		if err := c.Unneeded(ctx); err != nil {
			a.end("")
			return nil, err
		}
	}
	return a, nil
}

// takeOver is for a sign-in that the person asked for. It forgets an earlier failure, and continues even if it cannot
// be recorded.
func (c *Coordinator) takeOver(ctx context.Context) (*attempt, error) {
	release, err := c.LoginLock(ctx)
	if err != nil {
		return nil, fmt.Errorf("waiting for another daypass: %w", err)
	}
	defer release()
	c.Withdraw()
	a, err := c.lock(ctx)
	if err != nil {
		return nil, err
	}
	if a.record(record{}) != nil {
		a.id = ""
	}
	return a, nil
}

// lock takes the sign-in lock once the sign-in before has ended.
func (c *Coordinator) lock(ctx context.Context) (*attempt, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.takeover, maxTakeover))
	defer cancel()
	release, err := lock.Acquire(ctx, c.lockPath())
	if err != nil {
		return nil, fmt.Errorf("waiting for another sign-in to end: %w", err)
	}
	return &attempt{c: c, id: rand.Text(), release: release}, nil
}

func (a *attempt) record(r record) error {
	r.Version, r.ID, r.Host, r.Began = recordVersion, a.id, a.c.Host, a.c.Now().Truncate(time.Second)
	if err := a.c.write(r); err != nil {
		return fmt.Errorf("recording a sign-in: %w", err)
	}
	return nil
}

func (a *attempt) context(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	if a.id != "" {
		go a.watch(ctx, cancel)
	}
	return ctx, func() { cancel(nil) }
}

func (a *attempt) watch(ctx context.Context, cancel context.CancelCauseFunc) {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if a.withdrawn() {
				cancel(ErrWithdrawn)
				return
			}
		}
	}
}

// withdrawn reports whether the record is missing or another's. A record that cannot be read is neither.
func (a *attempt) withdrawn() bool {
	r, err := a.c.read()
	return err == nil && r.ID != a.id
}

// reason says why no tab is to open by itself after this sign-in: "" if it succeeded, if it was interrupted, if no
// tab was opened, or if the person asked for it.
func (c *Coordinator) reason(err error, interrupted bool) string {
	switch {
	case err == nil, interrupted, !c.Background, !c.shown.Load(), errors.Is(err, ErrWithdrawn):
		return ""
	case c.Reason != nil:
		return c.Reason(err)
	}
	return err.Error()
}

// end records the reason, or removes the record if there is none. It changes nothing if the record is not this
// sign-in's any more, or cannot be read.
func (a *attempt) end(reason string) {
	defer a.release()
	r, err := a.c.read()
	switch {
	case err != nil || a.id == "" || r.ID != a.id:
	case reason == "":
		a.c.remove()
	default:
		r.Reason = reason
		_ = a.c.write(r) // if that fails the record says that the process died, which also keeps tabs shut in the end
	}
}
