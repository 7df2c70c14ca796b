package signin

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newCoordinator(t *testing.T) *Coordinator {
	t.Helper()
	return &Coordinator{Path: filepath.Join(t.TempDir(), "x.attempt"), Host: "idp.example.com", Now: func() time.Time { return noon },
		LoginLock: func(context.Context) (func(), error) { return func() {}, nil }}
}

func begin(t *testing.T, l *Coordinator) *attempt {
	t.Helper()
	a, err := l.begin(t.Context())
	if err != nil {
		t.Fatalf("Begin: %v", err)
	}
	return a
}

// die ends the sign-in as the death of its process would.
func (a *attempt) die() { a.release() }

func TestOneAtATime(t *testing.T) {
	t.Parallel()
	l := newCoordinator(t)
	if err := l.Check(); err != nil {
		t.Fatalf("Check before any: %v", err)
	}
	a := begin(t, l)
	underWay, ok := errors.AsType[*PendingError](l.Check())
	if !ok || underWay.Host != "idp.example.com" || !underWay.Began.Equal(noon) {
		t.Errorf("Check while one is pending: %v", l.Check())
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := l.begin(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second Begin: %v, want a timeout", err)
	}
	l.takeover = time.Millisecond
	if _, err := l.begin(t.Context()); !errors.Is(err, ErrSuperseded) {
		t.Errorf("a second begin that waits no longer: %v, want ErrSuperseded", err)
	}
	a.end("")
	if err := l.Check(); err != nil {
		t.Errorf("Check after success: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(l.Path)); err != nil || len(left) != 0 && runtime.GOOS != "windows" {
		t.Errorf("a success leaves %v (%v), want nothing", left, err)
	}
}

// After a failed sign-in none starts by itself, however long ago that was.
func TestFailure(t *testing.T) {
	t.Parallel()
	l := newCoordinator(t)
	begin(t, l).end("nobody\x1b[31m came back")
	l.Now = func() time.Time { return noon.Add(30 * 24 * time.Hour) }
	for _, err := range []error{l.Check(), errOf(l.begin(t.Context()))} {
		failed, ok := errors.AsType[*FailedError](err)
		if !ok || failed.Reason != "nobody[31m came back" || !failed.Began.Equal(noon) || failed.Host != "idp.example.com" {
			t.Errorf("after a failure: %+v, want that failure", err)
		}
	}
	a, err := l.takeOver(t.Context())
	if err != nil {
		t.Fatalf("Take after a failure: %v", err)
	}
	a.end("")
	if err := l.Check(); err != nil {
		t.Errorf("Check after the person asked for a sign-in: %v", err)
	}
}

func errOf(_ *attempt, err error) error { return err }

// If the process of a sign-in dies, another is started, but not after maxDeaths.
func TestDeaths(t *testing.T) {
	t.Parallel()
	l := newCoordinator(t)
	for range maxDeaths {
		begin(t, l).die()
	}
	if failed, ok := errors.AsType[*FailedError](l.Check()); !ok || !strings.Contains(failed.Reason, "killed") {
		t.Errorf("Check after %d deaths: %v", maxDeaths, l.Check())
	}
	if _, err := l.begin(t.Context()); err == nil {
		t.Errorf("Begin after %d deaths succeeded", maxDeaths)
	}
	l.Withdraw()
	begin(t, l).die()
	begin(t, l).end("") // a success resets the count
	begin(t, l).die()
	if err := l.Check(); err != nil {
		t.Errorf("Check after a success and a death: %v", err)
	}
}

// A sign-in that the person asks for takes over. The earlier one is withdrawn, and its end does not change the record.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	l := newCoordinator(t)
	before := begin(t, l)
	ctx, cancel := before.context(t.Context())
	defer cancel()
	go func() {
		<-ctx.Done()
		before.end("withdrawn")
	}()
	now, err := l.takeOver(t.Context())
	if err != nil {
		t.Fatalf("Take: %v", err)
	}
	if cause := context.Cause(ctx); !errors.Is(cause, ErrWithdrawn) {
		t.Errorf("the earlier sign-in ended with %v, want ErrWithdrawn", cause)
	}
	before.end("late words")
	if !l.Withdraw() || l.Withdraw() {
		t.Error("the record of the new sign-in was missing, or is still there")
	}
	now.end("")
}

// A sign-out withdraws the pending sign-in, and its generation stays recorded until the next one begins.
func TestSignOut(t *testing.T) {
	t.Parallel()
	l := newCoordinator(t)
	if l.SignOut(7) || l.SignedOut() != 0 {
		t.Error("SignOut without a sign-in reports one, or records a generation")
	}
	before := begin(t, l)
	ctx, cancel := before.context(t.Context())
	defer cancel()
	if !l.SignOut(7) || l.SignedOut() != 7 {
		t.Errorf("after signing out of a pending sign-in: generation %d, want 7", l.SignedOut())
	}
	<-ctx.Done()
	before.end("late words")
	if l.SignOut(8) || l.SignedOut() != 7 {
		t.Errorf("a second sign-out reports a sign-in, or left generation %d", l.SignedOut())
	}
	if err := l.Check(); err != nil {
		t.Errorf("Check after a sign-out: %v", err)
	}
	begin(t, l)
	if got := l.SignedOut(); got != 0 {
		t.Errorf("generation %d after another sign-in began", got)
	}
}

func TestAwait(t *testing.T) {
	t.Parallel()
	l := newCoordinator(t)
	l.Waiting = func(*PendingError, bool) { t.Error("Waiting was called without a pending sign-in") }
	if err := l.Await(t.Context()); err != nil {
		t.Fatalf("Await without a sign-in: %v", err)
	}
	l.Waiting = nil
	a := begin(t, l)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err, ok := errors.AsType[*PendingError](l.Await(ctx)); !ok || !err.Began.Equal(noon) {
		t.Errorf("Await after its context ended: %v", err)
	}
	// Waiting reports true to the first caller and false to the second.
	firsts := make(chan bool, 2)
	ended := make(chan error, 2)
	l.Waiting = func(_ *PendingError, first bool) { firsts <- first }
	for range 2 {
		go func() { ended <- l.Await(t.Context()) }()
	}
	if one, other := <-firsts, <-firsts; one == other {
		t.Errorf("both callers got first = %t", one)
	}
	a.end("")
	for range 2 {
		if err := <-ended; err != nil {
			t.Errorf("Await: %v", err)
		}
	}
}

// A file that daypass did not write counts as no record, and is not read without limit.
func TestInvalidRecord(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", "null", `{"v":2,"id":"x","reason":"y"}`, `{"v":1,"began":"yesterday"}`, strings.Repeat(" ", 1<<20)} {
		l := newCoordinator(t)
		if err := os.WriteFile(l.Path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := l.Check(); err != nil {
			t.Errorf("Check of %.20q: %v", text, err)
		}
		begin(t, l).end("")
	}
}

// If the record cannot be written, no tab opens by itself, but a sign-in that the person asks for continues.
func TestUnwritable(t *testing.T) {
	t.Parallel()
	l := newCoordinator(t)
	if err := os.Mkdir(l.Path, 0o700); err != nil { // rename(2) does not replace it
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(l.Path, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := l.begin(t.Context()); err == nil || !strings.Contains(err.Error(), "recording a sign-in") {
		t.Errorf("Begin: %v, want an error", err)
	}
	a, err := l.takeOver(t.Context())
	if err != nil {
		t.Fatalf("Take: %v", err)
	}
	ctx, cancel := a.context(t.Context())
	cancel()
	<-ctx.Done()
	a.end("words")
	left, err := filepath.Glob(l.Path + ".*")
	if err != nil || len(left) != 0 && runtime.GOOS != "windows" {
		t.Errorf("left behind: %q, want nothing", left)
	}
}

// A record that cannot be read, for example because of too many open files, does not withdraw the pending sign-in, and
// keeps tabs shut.
func TestUnreadableRecord(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a path below a file is reported as missing there")
	}
	l := newCoordinator(t)
	a := begin(t, l)
	dir := filepath.Dir(l.Path)
	must(t, os.Rename(dir, dir+".away"))
	must(t, os.WriteFile(dir, nil, 0o600))
	if a.withdrawn() {
		t.Error("a read error withdraws the sign-in")
	}
	if err := l.Check(); err == nil || !strings.Contains(err.Error(), "reading the record of the last sign-in") {
		t.Errorf("Check = %v, want an error", err)
	}
	must(t, errors.Join(os.Remove(dir), os.Rename(dir+".away", dir)))
	if a.withdrawn() {
		t.Error("the sign-in was withdrawn")
	}
	must(t, os.Remove(l.Path))
	if !a.withdrawn() {
		t.Error("a missing record does not withdraw the sign-in")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestFileMode(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("file modes exist on Unix only")
	}
	l := newCoordinator(t)
	defer begin(t, l).end("")
	info, err := os.Stat(l.Path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v), want 0600", info.Mode(), err)
	}
}
