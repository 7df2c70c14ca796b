package broker

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// fakeIndex counts calls.
type fakeIndex struct {
	noted, signedOut int
	err              error
}

func (f *fakeIndex) Note(context.Context) error      { f.noted++; return f.err }
func (f *fakeIndex) SignedOut(context.Context) error { f.signedOut++; return f.err }

// The index is updated after a sign-in and a new credential, but not for a cached one.
func TestIndexIsUpdated(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	index := &fakeIndex{}
	b.Index = index
	b.want(t, "ASIA1", 1, 0, 1)
	if index.noted != 2 {
		t.Errorf("the index was updated %d times after a sign-in and its credential, want 2", index.noted)
	}
	b.want(t, "ASIA1", 1, 0, 1)
	if index.noted != 2 {
		t.Error("the index was updated for a cached credential")
	}
	if _, err := b.another().SignOut(t.Context()); err != nil || index.signedOut != 1 {
		t.Errorf("SignOut = %v with %d updates of the index, want one", err, index.signedOut)
	}
}

// An index that cannot be written causes one warning and nothing else.
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
		t.Errorf("renewing: %v and %d warnings, want no further one", err, len(b.warnings))
	}
}

// If the keyring may still hold the login, the index does not mark it as signed out.
func TestIndexIfKeyringFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	index := &fakeIndex{}
	b.Index = index
	b.want(t, "ASIA1", 1, 0, 1)
	b.keyring.putErr, b.keyring.deleteErr = errors.New("locked"), errors.New("locked")
	if gone, err := b.another().SignOut(t.Context()); err != nil || gone.Complete() || index.signedOut != 0 {
		t.Errorf("SignOut = %+v, %v; marked as signed out %d times, want 0", gone, err, index.signedOut)
	}
}

func TestLook(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if k := b.another().Stored(t.Context()); k.SignedIn() || k.KeyringErr != nil {
		t.Errorf("before the sign-in Look = %+v", k)
	}
	b.want(t, "ASIA1", 1, 0, 1)
	k := b.another().Stored(t.Context())
	if !k.Renews() || !k.InKeyring || k.InMemory || k.Grant.ID.Claims.Email != "alice@example.com" {
		t.Errorf("after the sign-in Look = %+v", k)
	}
	if c := b.another().Cached(t.Context()); c.AccessKeyID != "ASIA1" {
		t.Errorf("the cached credential is %q", c.AccessKeyID)
	}
	b.now = noon.Add(2 * time.Hour)
	if c := b.another().Cached(t.Context()); !c.IsZero() {
		t.Error("an expired credential counts as cached")
	}
	if b.locks != 2 || b.idp.signIns != 1 {
		t.Errorf("%d locks and %d sign-ins, want 2 and 1, of the sign-in itself", b.locks, b.idp.signIns)
	}
	if _, err := b.another().SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	if k := b.another().Stored(t.Context()); k.SignedIn() || k.Grant.ID.Claims.Subject != "" {
		t.Errorf("after the sign-out Look = %+v", k)
	}
}

func TestLookWithoutKeyring(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keyring.putErr, b.keyring.getErr = errors.New("locked"), errors.New("locked")
	b.want(t, "ASIA1", 1, 0, 1)
	k := b.another().Stored(t.Context())
	if !k.InMemory || k.InKeyring || !errors.Is(k.KeyringErr, b.keyring.getErr) {
		t.Errorf("Look = %+v, want it in memory and the keyring's error", k)
	}
}

// Without a refresh token the sign-in ends with the ID token.
func TestLookWithoutRefreshToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	g := grant(t, "alice", "", time.Hour)
	g.Access = secret.New("access")
	b.store(t, g)
	if k := b.another().Stored(t.Context()); !k.SignedIn() || k.Renews() {
		t.Errorf("Look = %+v, want signed in without renewal", k)
	}
}

func TestLookAtGuest(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keyring.values[loginKey] = []byte("us-east-1:guest")
	if k := b.another().guest.Stored(t.Context()); !k.InKeyring || k.InMemory || !k.SignedIn() {
		t.Errorf("Look = %+v, want the guest in the keyring", k)
	}
}

// A record counts as a sign-in if it contains a token.
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
