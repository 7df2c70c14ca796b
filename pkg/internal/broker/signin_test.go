package broker

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/credential"
)

// fakeSignIns counts calls. During Await and Take it runs functions of the test.
type fakeSignIns struct {
	awaited  int
	awaiting func() error
	taken    int
	ended    []error
	withdrew bool
}

func (f *fakeSignIns) Await(context.Context) error {
	f.awaited++
	if f.awaiting == nil {
		return nil
	}
	return f.awaiting()
}

func (f *fakeSignIns) Take(ctx context.Context) (context.Context, func(error), error) {
	f.taken++
	return ctx, func(err error) { f.ended = append(f.ended, err) }, nil
}

func (f *fakeSignIns) Withdraw() bool { return f.withdrew }

func (f *fakeSignIns) SignOut(int64) bool { return f.withdrew }

func (f *fakeSignIns) SignedOut() int64 { return 0 }

// The result of another process's sign-in is used, and no tab is opened.
func TestAwaitsOtherSignIn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.SignIns = &fakeSignIns{awaiting: func() error {
		return b.cache(t.Context(), issued("ASIAother", noon, time.Hour), 0)
	}}
	b.want(t, "ASIAother", 0, 0, 0)
}

// The caller ends before the other process's sign-in does.
func TestAwaitTimesOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	pending := errors.New("pending")
	b.SignIns = &fakeSignIns{awaiting: func() error { return pending }}
	if _, err := b.Credential(t.Context()); !errors.Is(err, pending) || !errors.Is(err, ErrSignInNeeded) {
		t.Errorf("got %v, want the pending sign-in and ErrSignInNeeded", err)
	}
}

// A caller with a working credential does not wait for a sign-in, and neither does one that may not start any.
func TestDoesNotAwait(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	f := &fakeSignIns{}
	b.SignIns = f
	b.cache(t.Context(), issued("ASIAstale", noon.Add(-50*time.Minute), time.Hour), 0)
	b.want(t, "ASIAstale", 0, 0, 0)
	b.memory.values = map[string][]byte{}
	b.Background = nil
	if _, err := b.Credential(t.Context()); !errors.Is(err, ErrSignInNeeded) {
		t.Errorf("got %v, want ErrSignInNeeded", err)
	}
	if f.awaited != 0 {
		t.Errorf("waited %d times", f.awaited)
	}
}

// After a sign-in that was replaced by another, or whose process died, the caller starts again.
func TestStartsAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tries := 0
	b.Background = func(context.Context) (Wait, error) {
		if tries++; tries < 3 {
			return func(context.Context) (credential.Credential, error) { return credential.Credential{}, ErrLookAgain }, nil
		}
		return b.another().SignIn, nil
	}
	b.want(t, "ASIA1", 1, 0, 1)
	if tries != 3 {
		t.Errorf("%d sign-ins began, want 3", tries)
	}
}

// A sign-out during a sign-in: the new grant is revoked, and callers that waited do not open a tab.
func TestSignOutDuringSignIn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	f := &fakeSignIns{withdrew: true}
	b.SignIns = f
	signOut := func() {
		if _, err := b.another().SignOut(t.Context()); err != nil {
			t.Error(err)
		}
	}
	b.idp.signingIn = signOut
	if c, err := b.another().SignIn(t.Context()); !errors.Is(err, errSignedOut) || !c.IsZero() {
		t.Errorf("SignIn = %s, %v; want none", c.AccessKeyID, err)
	}
	if len(b.idp.revoked) != 1 || b.idp.revoked[0] != "refresh-1" {
		t.Errorf("revoked %q, want the new refresh token", b.idp.revoked)
	}
	if len(f.ended) != 1 || !errors.Is(f.ended[0], errSignedOut) {
		t.Errorf("the sign-in ended with %v", f.ended)
	}
	b.wantSignedOut(t)

	b.idp.signingIn = nil
	b.now = b.now.Add(time.Minute)
	f.awaiting = func() error { signOut(); return nil }
	if _, err := b.another().Credential(t.Context()); !errors.Is(err, errSignedOut) || b.idp.signIns != 1 {
		t.Errorf("the waiting caller: %v after %d sign-ins, want signed out after 1", err, b.idp.signIns)
	}
	f.awaiting = nil
	b.want(t, "ASIA1", 2, 0, 1) // but the next caller may
}

// withdrawing withdraws each sign-in as soon as it begins.
type withdrawing struct {
	*fakeSignIns
	cause error
}

func (w withdrawing) Take(ctx context.Context) (context.Context, func(error), error) {
	ctx, cancel := context.WithCancelCause(ctx)
	cancel(w.cause)
	return ctx, func(err error) { w.ended = append(w.ended, err) }, nil
}

// A withdrawn sign-in returns ErrWithdrawn, whatever step was canceled by that.
func TestWithdrawn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := withdrawing{&fakeSignIns{}, errors.New("given up")}
	b.SignIns = w
	b.idp.signInErr = fmt.Errorf("redeeming the code: %w", context.Canceled)
	if _, err := b.another().SignIn(t.Context()); !errors.Is(err, w.cause) || len(w.ended) != 1 || !errors.Is(w.ended[0], w.cause) {
		t.Errorf("SignIn: %v, the sign-in ended with %v; want %v", err, w.ended, w.cause)
	}
}

// When the person has signed in but AWS refuses, the sign-in did not fail, and the next call opens no tab.
func TestAnsweredButRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	f := &fakeSignIns{}
	b.SignIns = f
	refused := errors.New("AccessDenied")
	b.aws.errs = []error{refused}
	if _, err := b.another().SignIn(t.Context()); !errors.Is(err, refused) {
		t.Fatalf("SignIn: %v", err)
	}
	if len(f.ended) != 1 || f.ended[0] != nil {
		t.Errorf("the sign-in ended with %v, want nil", f.ended)
	}
	b.want(t, "ASIA2", 1, 0, 2)

	// If nothing can be stored, the next call would open another tab.
	b.memory.values, b.keyring.values = map[string][]byte{}, map[string][]byte{}
	b.memory.putErr, b.keyring.putErr = errors.New("full"), errors.New("full")
	b.aws.errs = []error{refused}
	if _, err := b.another().SignIn(t.Context()); !errors.Is(err, refused) || !errors.Is(f.ended[1], refused) {
		t.Errorf("SignIn: %v, the sign-in ended with %v; want the refusal", err, f.ended[1])
	}
}

// An agent that stalls when a call begins, and reports an old sign-out a moment later, does not end the call.
func TestStalledAgentIsNotASignOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.store(t, grant(t, "alice", "refresh-1", time.Hour))
	if _, err := b.another().SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.now = noon.Add(time.Minute)
	over := b.memory.values
	b.memory.values = map[string][]byte{} // the same as no answer
	b.SignIns = &fakeSignIns{awaiting: func() error { b.memory.values = over; return nil }}
	b.want(t, "ASIA1", 1, 0, 1)
}
