package broker

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// A guest's identity ID is stored in the keyring, in memory only if the keyring fails, and is written once.
func TestGuestID(t *testing.T) {
	t.Parallel()
	const id = "us-east-1:x"
	for _, row := range []struct {
		name              string
		keyringErr        error
		keyring, inMemory int
	}{{"keyring", nil, 1, 0}, {"no keyring", errors.New("locked"), 0, 1}} {
		b := newBench(t)
		b.keyring.putErr, b.keyring.getErr = row.keyringErr, row.keyringErr
		g := b.another().guest
		for range 2 {
			if err := g.Put(t.Context(), "any", []byte(id), time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := g.Get(t.Context(), "any"); err != nil || string(got) != id {
			t.Errorf("%s: Get = %q, %v", row.name, got, err)
		}
		if len(b.keyring.puts) != row.keyring || len(b.memory.puts) != row.inMemory {
			t.Errorf("%s: %d writes to the keyring, %d to memory; want %d, %d", row.name, len(b.keyring.puts), len(b.memory.puts), row.keyring, row.inMemory)
		}
	}
	b := newBench(t)
	b.Memory, b.keyring.putErr = nil, errors.New("locked")
	if err := b.another().guest.Put(t.Context(), "any", []byte(id), time.Time{}); err == nil {
		t.Error("stored nowhere, without an error")
	}
}

// The locks of several sessions are taken in the order of their keys, whatever the order of the sessions, and
// released if one cannot be taken.
func TestLockOrder(t *testing.T) {
	t.Parallel()
	for _, fails := range []bool{false, true} {
		var order []string
		session := func(key string, err error) Session {
			return &GuestSession{LoginKey: key, Locker: func(context.Context) (func(), error) {
				order = append(order, "+"+key)
				return func() { order = append(order, "-"+key) }, err
			}}
		}
		var err error
		if fails {
			err = context.DeadlineExceeded
		}
		b := &Broker{Sessions: []Session{session("c", err), session("a", nil), session("b", nil)}}
		release, got := b.lock(t.Context())
		if !errors.Is(got, err) {
			t.Fatalf("lock: %v, want %v", got, err)
		}
		if release != nil {
			release()
		}
		want := "+a +b +c -c -b -a"
		if fails {
			want = "+a +b +c -b -a"
		}
		if got := strings.Join(order, " "); got != want {
			t.Errorf("order %s, want %s", got, want)
		}
	}
}
