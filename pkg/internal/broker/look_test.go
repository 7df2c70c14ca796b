package broker

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// fakeIndex counts what it hears.
type fakeIndex struct {
	noted, signedOut int
	err              error
}

func (f *fakeIndex) Note(context.Context) error      { f.noted++; return f.err }
func (f *fakeIndex) SignedOut(context.Context) error { f.signedOut++; return f.err }

// The index hears of sign-ins and of new credentials, and never of what is kept.
func TestIndexHears(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	heard := &fakeIndex{}
	b.Index = heard
	b.want(t, "ASIA1", 1, 0, 1)
	if heard.noted != 2 {
		t.Errorf("the index heard %d times of a sign-in and its credential, want 2", heard.noted)
	}
	b.want(t, "ASIA1", 1, 0, 1)
	if heard.noted != 2 {
		t.Error("the index was asked on the way to a kept credential")
	}
	if _, err := b.another().SignOut(t.Context()); err != nil || heard.signedOut != 1 {
		t.Errorf("SignOut gives %v, and the index heard of it %d times, want once", err, heard.signedOut)
	}
}

// An index that cannot be written is told once, and in nobody's way.
func TestIndexFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Index = &fakeIndex{err: errors.New("read-only")}
	b.want(t, "ASIA1", 1, 0, 1)
	if len(b.warnings) != 1 {
		t.Errorf("warnings %v, want one", b.warnings)
	}
	b.idp.renew = func(identity.Grant) (identity.Grant, error) { return grant(t, "alice", "refresh-2", 3*time.Hour), nil }
	b.now = noon.Add(2 * time.Hour)
	if _, err := b.another().Credential(t.Context()); err != nil || len(b.warnings) != 1 {
		t.Errorf("renewing gives %v and %d warnings, want no further one", err, len(b.warnings))
	}
}

// What a keyring may hold yet is not noted as signed out.
func TestIndexKeepsWhatMayBeLeft(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	heard := &fakeIndex{}
	b.Index = heard
	b.want(t, "ASIA1", 1, 0, 1)
	b.keyring.putErr, b.keyring.deleteErr = errors.New("locked"), errors.New("locked")
	if gone, err := b.another().SignOut(t.Context()); err != nil || gone.Complete() || heard.signedOut != 0 {
		t.Errorf("SignOut = %+v, %v; noted as signed out %d times, want 0", gone, err, heard.signedOut)
	}
}

func TestLook(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if k := b.another().Stored(t.Context()); k.SignedIn() || k.KeyringErr != nil {
		t.Errorf("nothing is kept, and Look says %+v", k)
	}
	b.want(t, "ASIA1", 1, 0, 1)
	k := b.another().Stored(t.Context())
	if !k.Renews() || !k.InKeyring || k.InMemory || k.Grant.ID.Claims.Email != "alice@example.com" {
		t.Errorf("signed in, and Look says %+v", k)
	}
	if c := b.another().Cached(t.Context()); c.AccessKeyID != "ASIA1" {
		t.Errorf("the kept credential is %q", c.AccessKeyID)
	}
	b.now = noon.Add(2 * time.Hour)
	if c := b.another().Cached(t.Context()); !c.IsZero() {
		t.Error("an expired credential counts as kept")
	}
	if b.locks != 2 || b.idp.signIns != 1 {
		t.Errorf("%d locks and %d sign-ins, want 2 and 1: of the sign-in itself", b.locks, b.idp.signIns)
	}
	if _, err := b.another().SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	if k := b.another().Stored(t.Context()); k.SignedIn() || k.Grant.ID.Claims.Subject != "" {
		t.Errorf("signed out, and Look says %+v", k)
	}
}

func TestLookWithoutKeyring(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keyring.putErr, b.keyring.getErr = errors.New("locked"), errors.New("locked")
	b.want(t, "ASIA1", 1, 0, 1)
	k := b.another().Stored(t.Context())
	if !k.InMemory || k.InKeyring || !errors.Is(k.KeyringErr, b.keyring.getErr) {
		t.Errorf("Look says %+v, want it in memory and why not in the keyring", k)
	}
}

// Without a refresh token nothing goes on beyond the ID token.
func TestLookWithoutRefreshToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	g := grant(t, "alice", "", time.Hour)
	g.Access = secret.New("access")
	b.keep(t, g)
	if k := b.another().Stored(t.Context()); !k.SignedIn() || k.Renews() {
		t.Errorf("Look says %+v, want signed in for now", k)
	}
}

func TestLookAtGuest(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keyring.values[loginKey] = []byte("us-east-1:guest")
	if k := b.another().guest.Stored(t.Context()); !k.InKeyring || k.InMemory || !k.SignedIn() {
		t.Errorf("Look says %+v, want the guest in the keyring", k)
	}
}

// What a store has of a login counts as a sign-in while there is a token in it.
func TestIsSignIn(t *testing.T) {
	t.Parallel()
	for record, want := range map[string]bool{
		`{"v":1,"g":7,"sub":"1102","id":"a.b.c"}`: true,
		`{"v":1,"refresh":"r"}`:                   true,
		"us-east-1:guest":                         true,
		`{"v":1,"g":7}`:                           false,
		`{"v":1,"g":7,"sub":"1102"}`:              false,
	} {
		if got := IsSignIn([]byte(record)); got != want {
			t.Errorf("IsSignIn(%s) = %t, want %t", record, got, want)
		}
	}
	b := newBench(t)
	b.keyring.putErr = errors.New("locked")
	b.want(t, "ASIA1", 1, 0, 1)
	if !IsSignIn(b.memory.values[loginKey]) {
		t.Error("the record of a sign-in does not count")
	}
	if _, err := b.another().SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	if mark := b.memory.values[loginKey]; mark == nil || IsSignIn(mark) {
		t.Errorf("the mark of a sign-out (%s) counts as a sign-in", mark)
	}
}
