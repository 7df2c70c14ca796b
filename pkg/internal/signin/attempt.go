// Package attempt answers: is a sign-in under way, or still unanswered, so that no second browser tab opens
// by itself?
//
// An SDK asks for credentials at every request, and each call could open a tab. One file per login, shared by
// all processes of its user, says what became of the last attempt; a lock beside it is held for as long as
// one goes on, and goes with its process. There is no secret in the file.
package signin

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/daypass/daypass/pkg/internal/lock"
)

// ErrWithdrawn says that a sign-in is wanted no more: the person stopped it or signed out, or asked for
// another one.
var ErrWithdrawn = errors.New("this sign-in was given up for another, or for none")

// FailedError says that the last sign-in came to nothing, so that none begins by itself.
type FailedError struct {
	// Host is where the person was to sign in, Began when that was.
	Host  string
	Began time.Time
	// Reason is why it failed, in one line.
	Reason string
}

// Error says what failed, and why.
func (e *FailedError) Error() string {
	return fmt.Sprintf("the last sign-in at %s, of %s, came to nothing: %s", e.Host, e.Began.UTC().Format(time.RFC3339), e.Reason)
}

// UnderWayError says that a sign-in waits for its person, longer than the caller can.
type UnderWayError struct {
	// Host is where the person is to sign in, Began when the browser was sent there.
	Host  string
	Began time.Time
}

// Error says since when.
func (e *UnderWayError) Error() string {
	return fmt.Sprintf("a sign-in at %s waits in the browser since %s", e.Host, e.Began.UTC().Format(time.RFC3339))
}

const (
	// lookAgain is how often a sign-in looks whether it is still wanted.
	lookAgain = 200 * time.Millisecond
	// takeover bounds how long one waits for the sign-in before it to give way.
	takeover = 5 * time.Second
	// maxDeaths is how many processes may die over one attempt before none is started by itself any more.
	maxDeaths = 3
)

// Log is what is known of one login's sign-ins.
type Log struct {
	// Path of the record, in a private directory. Path + ".lock" is the lock.
	Path string
	// Host is where the person signs in.
	Host string
	Now  func() time.Time
}

// Attempt is one sign-in, from before its tab opens until End.
type Attempt struct {
	log     *Log
	id      string // "" when it could not be recorded
	release func()
}

// Check says whether a sign-in may begin by itself: the error is an *UnderWayError while another goes on, a
// *FailedError if the last one came to nothing.
func (l *Log) Check() error {
	if l.busy() {
		return l.underWay()
	}
	return l.read().fault()
}

// busy reports whether a sign-in is under way.
func (l *Log) busy() bool {
	over, cancel := context.WithCancel(context.Background())
	cancel() // to see, and not to wait
	was, _ := lock.Await(over, l.lockPath())
	return was
}

// Begin records an attempt that nobody asked for. The error is a *FailedError as from Check, or says why
// there can be no record: then no tab may open.
func (l *Log) Begin(ctx context.Context) (*Attempt, error) {
	a, before, err := l.lock(ctx)
	if err != nil {
		return nil, err
	}
	err = before.fault()
	if err == nil {
		err = a.record(record{Deaths: before.nextDeaths()})
	}
	if err != nil {
		a.release()
		return nil, err
	}
	return a, nil
}

// Take records an attempt that the person asked for: one that is under way gives way, and what failed
// before is forgotten. Who cannot write signs in all the same.
func (l *Log) Take(ctx context.Context) (*Attempt, error) {
	l.Withdraw()
	a, _, err := l.lock(ctx)
	if err != nil {
		return nil, err
	}
	if a.record(record{}) != nil {
		a.id = ""
	}
	return a, nil
}

// Withdraw ends an attempt that is under way, and forgets one that failed. It says whether there was one.
func (l *Log) Withdraw() (was bool) { return l.remove() }

// SignOut is Withdraw by a person who signs out, and leaves word of it for whoever waited for that sign-in.
// Generation is the sign-out's.
func (l *Log) SignOut(generation int64) (was bool) {
	if l.read().ID == "" {
		return false
	}
	if l.write(record{Version: recordVersion, SignedOut: generation}) != nil {
		l.remove()
	}
	return true
}

// SignedOut is the generation of the sign-out that withdrew the last sign-in; 0 if none did.
func (l *Log) SignedOut() (generation int64) { return l.read().SignedOut }

// Await returns when no sign-in is under way. The error is an *UnderWayError if ctx ended first. Where there
// is something to wait for, waiting is told what, and whether nobody else waits for it; nil: nobody is told.
func (l *Log) Await(ctx context.Context, waiting func(on *UnderWayError, first bool)) error {
	if waiting != nil && l.busy() {
		release, first := lock.Try(l.Path + ".waiter")
		if first {
			defer release()
		}
		waiting(l.underWay(), first)
	}
	_, err := lock.Await(ctx, l.lockPath())
	if err != nil && ctx.Err() != nil {
		return l.underWay()
	}
	return err
}

// underWay describes the sign-in that goes on.
func (l *Log) underWay() *UnderWayError {
	r := l.read()
	if r.Began.IsZero() { // it gives way to another just now
		return &UnderWayError{Host: l.Host, Began: l.Now()}
	}
	return &UnderWayError{Host: r.Host, Began: r.Began}
}

// lock has the lock once the sign-in before has given way, and reads what that left.
func (l *Log) lock(ctx context.Context) (*Attempt, record, error) {
	ctx, cancel := context.WithTimeout(ctx, takeover)
	defer cancel()
	release, err := lock.Acquire(ctx, l.lockPath())
	if err != nil {
		return nil, record{}, fmt.Errorf("waiting for another sign-in to end: %w", err)
	}
	return &Attempt{log: l, id: rand.Text(), release: release}, l.read(), nil
}

func (l *Log) lockPath() string { return l.Path + ".lock" }

// record writes what goes on now.
func (a *Attempt) record(r record) error {
	r.Version, r.ID, r.Host, r.Began = recordVersion, a.id, a.log.Host, a.log.Now().Truncate(time.Second)
	if err := a.log.write(r); err != nil {
		return fmt.Errorf("recording a sign-in: %w", err)
	}
	return nil
}

// Context ends when ctx does, or with the cause ErrWithdrawn when the attempt is withdrawn.
func (a *Attempt) Context(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	if a.id != "" {
		go a.watch(ctx, cancel)
	}
	return ctx, func() { cancel(nil) }
}

func (a *Attempt) watch(ctx context.Context, cancel context.CancelCauseFunc) {
	ticker := time.NewTicker(lookAgain)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if a.log.read().ID != a.id {
				cancel(ErrWithdrawn)
				return
			}
		}
	}
}

// End says what became of it: "" when the person signed in, or will be asked again without harm, else why
// no tab should open by itself again.
func (a *Attempt) End(reason string) {
	defer a.release()
	r := a.log.read()
	switch {
	case a.id == "" || r.ID != a.id:
	case reason == "":
		a.log.remove()
	default:
		r.Reason = reason
		_ = a.log.write(r) // else it stays as it is: begun, by a process that is no more
	}
}
