// Package signin coordinates the sign-ins of one login across all processes of a user: at most one browser tab is
// open at a time, and after a failure none opens until the person asks for it.
//
// The steps, in order:
//
//  1. A program asks daypass for credentials, and only a person's sign-in would help. The caller, which holds the
//     login's lock, checks the record (Check): no sign-in may start while another is pending or after one failed.
//  2. The caller starts a background process with the same command line (Start): an SDK kills its credential
//     process long before a person has typed a password. The background process has no terminal and outlives
//     the caller.
//  3. The background process takes the sign-in lock and writes the record (Take) before the tab opens. Then it
//     reports its first step through a pipe. The caller releases the login's lock and waits for reports (Wait).
//  4. Other callers find the lock taken and wait for it (Await). When it is released they read the cache again;
//     if there is nothing, one of them starts a sign-in as in 1.
//  5. The background process reports the credential or the failure, and ends. Success removes the record. A failure
//     that a person could have seen stays in the record, so that no other tab opens by itself. If the process is
//     killed, its lock is released and the record tells that it died; after three deaths in a row no other is started.
//  6. A caller that cannot wait any longer leaves; the sign-in continues, and the next caller finds its result.
//  7. `daypass login` takes over: it removes the record (Withdraw), which the pending sign-in notices within 200 ms,
//     and takes the lock when that has ended. Ctrl-C in the caller withdraws it too. A sign-out leaves its generation
//     in the record, so that callers who waited do not start another one.
package signin

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/daypass/daypass/pkg/internal/lock"
)

var (
	// ErrWithdrawn says that a sign-in was withdrawn: the person stopped it, signed out, or started another.
	ErrWithdrawn = errors.New("this sign-in was withdrawn")
	// ErrSuperseded says that another process's sign-in counts instead of this one.
	ErrSuperseded = errors.New("another sign-in is pending")
	// ErrInterrupted is the cause of a context that the person's Ctrl-C ended: it withdraws the sign-in as well.
	ErrInterrupted = errors.New("interrupted")
)

// FailedError says that the last sign-in failed, so that none starts by itself.
type FailedError struct {
	// Host is where the person was to sign in, Began when that was.
	Host  string
	Began time.Time
	// Reason is why it failed, in one line.
	Reason string
}

// Error says what failed, and why.
func (e *FailedError) Error() string {
	return fmt.Sprintf("the last sign-in at %s, started at %s, failed: %s", e.Host, e.Began.UTC().Format(time.RFC3339), e.Reason)
}

// PendingError says that a sign-in is waiting for its person, longer than the caller can.
type PendingError struct {
	// Host is where the person is to sign in, Began when the browser was sent there.
	Host  string
	Began time.Time
}

// Error names the host and the time.
func (e *PendingError) Error() string {
	return fmt.Sprintf("a sign-in at %s has been waiting in the browser since %s", e.Host, e.Began.UTC().Format(time.RFC3339))
}

// StoppedError says that the person's Ctrl-C ended the sign-in that this process had started.
type StoppedError struct{ Host string }

// Error names the host.
func (e *StoppedError) Error() string { return "the sign-in at " + e.Host + " was stopped" }

const (
	// poll is how often a sign-in checks whether it is still wanted.
	poll = 200 * time.Millisecond
	// maxTakeover bounds how long Take waits for the sign-in before it to end.
	maxTakeover = 5 * time.Second
	// maxDeaths is how many processes may die over one sign-in before none is started by itself any more.
	maxDeaths = 3
)

// Coordinator is one process's view of the sign-ins of one login.
type Coordinator struct {
	// Path of the record, in a private directory. Path + ".lock" is the sign-in lock.
	Path string
	// Host is where the person signs in.
	Host string
	Now  func() time.Time
	// LoginLock takes the login's lock.
	LoginLock func(ctx context.Context) (release func(), err error)
	// Background says that this process was started for a sign-in that the person did not ask for.
	Background bool
	// Unneeded returns an error if another process has done the work since this one was started; Take returns that
	// error.
	Unneeded func(ctx context.Context) error
	// Reason says in one line why a sign-in failed; nil is the error's text.
	Reason func(error) string
	// Waiting is called when Await waits for a pending sign-in; first says that no other process waits for it. It may
	// be nil.
	Waiting func(on *PendingError, first bool)

	shown    atomic.Bool   // a tab was opened
	takeover time.Duration // for tests; 0 is maxTakeover
}

// Shown records that a browser tab was opened: a failure from now on keeps further tabs shut.
func (c *Coordinator) Shown() { c.shown.Store(true) }

// Check says whether a sign-in may start by itself: the error is a *PendingError while another is pending, and a
// *FailedError if the last one failed. No sign-in may start either if that cannot be read.
func (c *Coordinator) Check() error {
	if c.busy() {
		return c.pending()
	}
	r, err := c.read()
	if err != nil {
		return err
	}
	return r.failure()
}

// busy reports whether a sign-in is pending.
func (c *Coordinator) busy() bool {
	over, cancel := context.WithCancel(context.Background())
	cancel() // look without waiting
	was, _ := lock.Await(over, c.lockPath())
	return was
}

// Await returns when no sign-in is pending. The error is a *PendingError if ctx ended first.
func (c *Coordinator) Await(ctx context.Context) error {
	if c.Waiting != nil && c.busy() {
		release, first := lock.Try(c.Path + ".waiter")
		if first {
			defer release()
		}
		c.Waiting(c.pending(), first)
	}
	_, err := lock.Await(ctx, c.lockPath())
	if err != nil && ctx.Err() != nil {
		return c.pending()
	}
	return err
}

// pending describes the pending sign-in.
func (c *Coordinator) pending() *PendingError {
	r, _ := c.read()      // without it the time is unknown
	if r.Began.IsZero() { // or it is ending, for another one
		return &PendingError{Host: c.Host, Began: c.Now()}
	}
	return &PendingError{Host: r.Host, Began: r.Began}
}

// Withdraw ends a pending sign-in and forgets a failed one. It says whether there was one.
func (c *Coordinator) Withdraw() (was bool) { return c.remove() }

// SignOut is Withdraw for a sign-out of that generation, which it records for callers that waited. If the record cannot
// be read, it is replaced as if there had been a sign-in.
func (c *Coordinator) SignOut(generation int64) (was bool) {
	if r, err := c.read(); err == nil && r.ID == "" {
		return false
	}
	if c.write(record{Version: recordVersion, SignedOut: generation}) != nil {
		c.remove()
	}
	return true
}

// SignedOut is the generation of the sign-out that withdrew the last sign-in; 0 if none did, or if that cannot be read.
func (c *Coordinator) SignedOut() (generation int64) {
	r, _ := c.read()
	return r.SignedOut
}

func (c *Coordinator) lockPath() string { return c.Path + ".lock" }
