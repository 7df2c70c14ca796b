package broker

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/credential"
)

// fakeSignIns counts, and runs what a test has happen while one is waited for.
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

// What another process's sign-in brought is taken, and no tab is opened.
func TestAwaitsTheOther(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.SignIns = &fakeSignIns{awaiting: func() error {
		return b.cache(t.Context(), issued("ASIAother", noon, time.Hour), 0)
	}}
	b.want(t, "ASIAother", 0, 0, 0)
}

// The other's sign-in lasts longer than the caller does.
func TestAwaitsInVain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	underWay := errors.New("under way")
	b.SignIns = &fakeSignIns{awaiting: func() error { return underWay }}
	if _, err := b.Credential(t.Context()); !errors.Is(err, underWay) || !errors.Is(err, ErrSignInNeeded) {
		t.Errorf("got %v, want what is under way, and that sign-in required", err)
	}
}

// Nobody waits for a tab who has a credential that works, or who may not open one.
func TestAwaitsNobody(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	f := &fakeSignIns{}
	b.SignIns = f
	b.cache(t.Context(), issued("ASIAstale", noon.Add(-50*time.Minute), time.Hour), 0)
	b.want(t, "ASIAstale", 0, 0, 0)
	b.memory.values = map[string][]byte{}
	b.Background = nil
	if _, err := b.Credential(t.Context()); !errors.Is(err, ErrSignInNeeded) {
		t.Errorf("got %v, want that sign-in required", err)
	}
	if f.awaited != 0 {
		t.Errorf("waited %d times", f.awaited)
	}
}

// A sign-in that gave way, or died, is looked for again.
func TestLooksAgain(t *testing.T) {
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

// A sign-out while the person is at it: what they bring is revoked, and whoever waited opens no tab.
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
		t.Errorf("the attempt ended with %v", f.ended)
	}
	b.wantNothing(t)

	b.idp.signingIn = nil
	b.now = b.now.Add(time.Minute)
	f.awaiting = func() error { signOut(); return nil }
	if _, err := b.another().Credential(t.Context()); !errors.Is(err, errSignedOut) || b.idp.signIns != 1 {
		t.Errorf("who waited: %v after %d sign-ins, want it signed out after 1", err, b.idp.signIns)
	}
	f.awaiting = nil
	b.want(t, "ASIA1", 2, 0, 1) // but the next one may
}

// withdrawing gives an attempt that is withdrawn as soon as the person is at it.
type withdrawing struct {
	*fakeSignIns
	cause error
}

func (w withdrawing) Take(ctx context.Context) (context.Context, func(error), error) {
	ctx, cancel := context.WithCancelCause(ctx)
	cancel(w.cause)
	return ctx, func(err error) { w.ended = append(w.ended, err) }, nil
}

// A sign-in that is withdrawn says so, whatever that cut short.
func TestWithdrawn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := withdrawing{&fakeSignIns{}, errors.New("given up")}
	b.SignIns = w
	b.idp.signInErr = fmt.Errorf("redeeming the code: %w", context.Canceled)
	if _, err := b.another().SignIn(t.Context()); !errors.Is(err, w.cause) || len(w.ended) != 1 || !errors.Is(w.ended[0], w.cause) {
		t.Errorf("SignIn: %v, the attempt ended with %v; want %v", err, w.ended, w.cause)
	}
}

// The person has done their part when AWS refuses: the attempt is no failure, and the next one opens no tab.
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
		t.Errorf("the attempt ended with %v, want nil", f.ended)
	}
	b.want(t, "ASIA2", 1, 0, 2)

	// With nothing kept the next one would open another.
	b.memory.values, b.keyring.values = map[string][]byte{}, map[string][]byte{}
	b.memory.putErr, b.keyring.putErr = errors.New("full"), errors.New("full")
	b.aws.errs = []error{refused}
	if _, err := b.another().SignIn(t.Context()); !errors.Is(err, refused) || !errors.Is(f.ended[1], refused) {
		t.Errorf("SignIn: %v, the attempt ended with %v; want the refusal", err, f.ended[1])
	}
}

// An agent that stalls when a call begins knows of no sign-out then, and of an old one a moment later.
func TestStalledAgentIsNoSignOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keep(t, grant(t, "alice", "refresh-1", time.Hour))
	if _, err := b.another().SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.now = noon.Add(time.Minute)
	over := b.memory.values
	b.memory.values = map[string][]byte{} // as good as no answer
	b.SignIns = &fakeSignIns{awaiting: func() error { b.memory.values = over; return nil }}
	b.want(t, "ASIA1", 1, 0, 1)
}
