package broker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// Of two records the one of the later generation counts, and within a generation the one with the higher sequence, in
// whichever store it is.
func TestNewestOfTwo(t *testing.T) {
	t.Parallel()
	at := func(store string, generation, sequence int64) grantRecord {
		return grantRecord{Version: storedVersion, Generation: generation, Sequence: sequence,
			Subject: "alice", Refresh: fmt.Sprintf("%s-%d-%d", store, generation, sequence)}
	}
	for g1 := range int64(3) {
		for g2 := range int64(3) {
			for n1 := range int64(3) {
				for n2 := range int64(3) {
					memory, ring := at("memory", g1, n1), at("ring", g2, n2)
					want := memory
					if g2 > g1 || g2 == g1 && n2 >= n1 {
						want = ring
					}
					if got, g := newest(memory, ring); got.Refresh.Reveal() != want.Refresh || g != want.Generation {
						t.Errorf("of %s and %s: %s of generation %d", memory.Refresh, ring.Refresh, got.Refresh.Reveal(), g)
					}
				}
			}
		}
	}
	memory, ring := at("memory", 1, 1), at("ring", 1, 1)
	ring.Subject = "bob"
	if got, _ := newest(memory, ring); got.Refresh.Reveal() != memory.Refresh {
		t.Error("alice's record got bob's refresh token")
	}
}

// A sign-out during a renewal, without the lock: nothing is stored again, new tokens are revoked at the IdP, and no
// browser opens, whether the IdP answers with new tokens, a refusal, or only a new refresh token.
func TestSignOutDuringRenewal(t *testing.T) {
	t.Parallel()
	rotated := secret.New("refresh-2")
	for _, row := range []struct {
		name    string
		answer  func(*testing.T) (identity.Grant, error)
		revoked []string
	}{
		{"renewed", func(t *testing.T) (identity.Grant, error) { return grant(t, "alice", "refresh-2", time.Hour), nil }, []string{"refresh-1", "refresh-2"}},
		{"refused", func(*testing.T) (identity.Grant, error) { return identity.Grant{}, identity.ErrGrantRevoked }, []string{"refresh-1"}},
		{"rotated alone", func(*testing.T) (identity.Grant, error) {
			return identity.Grant{Refresh: rotated}, identity.ErrNoIDToken
		}, []string{"refresh-1", "refresh-2"}},
	} {
		for _, stores := range []string{"both", "no memory", "no keyring"} {
			t.Run(row.name+", "+stores, func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				switch stores {
				case "no memory":
					b.Memory = nil
				case "no keyring":
					b.Keyring = nil
				}
				b.store(t, grant(t, "alice", "refresh-1", time.Minute))
				b.cache(t.Context(), issued("ASIAstale", noon.Add(-50*time.Minute), time.Hour), 0)
				b.idp.renew = func(identity.Grant) (identity.Grant, error) {
					if _, err := b.another().SignOut(t.Context()); err != nil {
						t.Error(err)
					}
					return row.answer(t)
				}
				c, err := b.another().Credential(t.Context())
				if !errors.Is(err, ErrSignInNeeded) || !c.IsZero() || b.idp.signIns != 0 {
					t.Errorf("Credential = %s, %v after %d sign-ins; want none and ErrSignInNeeded", c.AccessKeyID, err, b.idp.signIns)
				}
				if !slices.Equal(b.idp.revoked, row.revoked) {
					t.Errorf("revoked %v, want %v", b.idp.revoked, row.revoked)
				}
				b.wantSignedOut(t)
			})
		}
	}
}

// A sign-out during the exchange: the credential is neither cached nor returned.
func TestSignOutDuringExchange(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.store(t, grant(t, "alice", "refresh-1", time.Hour))
	b.aws.during = func() { b.another().SignOut(t.Context()) }
	if c, err := b.another().Credential(t.Context()); !errors.Is(err, errSignedOut) || !c.IsZero() {
		t.Errorf("Credential = %s, %v; want none", c.AccessKeyID, err)
	}
	b.wantSignedOut(t)
}

// A renewal that began before a new sign-in belongs to an older generation.
func TestSignInDuringRenewal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.store(t, grant(t, "alice", "refresh-1", time.Minute))
	b.idp.signIn = grant(t, "bob", "refresh-bob", time.Hour)
	b.idp.renew = func(identity.Grant) (identity.Grant, error) {
		if _, err := b.another().SignIn(t.Context()); err != nil {
			t.Error(err)
		}
		return grant(t, "alice", "refresh-2", time.Hour), nil
	}
	if c, err := b.another().Credential(t.Context()); !errors.Is(err, errSignedOut) {
		t.Errorf("Credential = %s, %v; want none: alice's sign-in has ended", c.AccessKeyID, err)
	}
	if g := b.another().Grant(t.Context()); g.ID.Claims.Subject != "bob" || g.Refresh.Reveal() != "refresh-bob" {
		t.Errorf("signed in is %q, want bob with his refresh token", g.ID.Claims.Subject)
	}
}

// Abandoned writes to the keyring take effect after the sign-out, in every order. None of them counts, and the next
// call removes them, so that they do not count when memory has lost the sign-out either.
func TestLateWritesAfterSignOut(t *testing.T) {
	t.Parallel()
	for _, order := range permutations(3) {
		b := newBench(t)
		b.Background = nil
		b.keyring.abandons = true
		b.store(t, grant(t, "alice", "refresh-1", time.Hour))
		b.store(t, grant(t, "alice", "refresh-2", time.Hour))
		if gone, err := b.another().SignOut(t.Context()); err != nil || !gone.Revoked {
			t.Fatalf("SignOut = %+v, %v", gone, err)
		}
		if len(b.keyring.late) != len(order) {
			t.Fatalf("%d writes are pending, want %d: the last is the mark of the sign-out", len(b.keyring.late), len(order))
		}
		for _, i := range order {
			b.keyring.values[loginKey] = b.keyring.late[i]
			if g := b.another().Grant(t.Context()); !g.Refresh.IsZero() || g.ID.Claims.Subject != "" {
				t.Errorf("order %v: write %d brought the sign-in back", order, i)
			}
		}
		b.keyring.abandons = false
		if _, err := b.another().Credential(t.Context()); !errors.Is(err, ErrSignInNeeded) {
			t.Errorf("order %v: %v, want a sign-in needed", order, err)
		}
		b.memory.values = map[string][]byte{} // the agent has exited
		b.wantSignedOut(t)
	}
}

// The same after a renewal and a sign-in of another person: the last grant counts, in whatever order the writes take
// effect.
func TestLateWritesAfterNewerSignIn(t *testing.T) {
	t.Parallel()
	for _, order := range permutations(4) {
		b := newBench(t)
		b.keyring.abandons = true
		b.store(t, grant(t, "alice", "refresh-1", time.Hour))
		b.store(t, grant(t, "alice", "refresh-2", time.Hour))
		b.idp.signIn = grant(t, "bob", "refresh-bob", time.Hour)
		if _, err := b.another().SignIn(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.store(t, grant(t, "bob", "refresh-bob-2", time.Hour))
		for _, i := range order {
			b.keyring.values[loginKey] = b.keyring.late[i]
			if g := b.another().Grant(t.Context()); g.Refresh.Reveal() != "refresh-bob-2" || g.ID.Claims.Subject != "bob" {
				t.Errorf("order %v: after write %d signed in is %q with %q", order, i, g.ID.Claims.Subject, g.Refresh.Reveal())
			}
		}
	}
}

// Another person signs in while the write of the first one's refresh token is pending, and the IdP issues no refresh
// token to the second. Sequences alone would combine the second person with the first one's token.
func TestLateWriteOfAnotherPerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keyring.abandons = true
	b.store(t, grant(t, "alice", "refresh-1", time.Hour))
	b.idp.signIn = grant(t, "bob", "", time.Hour)
	if _, err := b.another().SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.keyring.values[loginKey] = b.keyring.late[0]
	if g := b.another().Grant(t.Context()); g.ID.Claims.Subject != "bob" || !g.Refresh.IsZero() {
		t.Errorf("signed in is %q with refresh token %q, want bob without", g.ID.Claims.Subject, g.Refresh.Reveal())
	}
}

// A write that takes effect while the sign-out waits for the IdP is removed before the sign-out ends.
func TestSignOutReadsKeyringAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Memory = nil
	b.store(t, grant(t, "alice", "refresh-1", time.Hour))
	late := b.keyring.values[loginKey]
	b.idp.revoking = func() { b.keyring.values[loginKey] = late }
	if gone, err := b.another().SignOut(t.Context()); err != nil || gone.KeyringErr != nil {
		t.Fatalf("SignOut = %+v, %v", gone, err)
	}
	b.wantSignedOut(t)
}

// If the keyring does not store the mark of the sign-out, the entry is deleted. If that fails too, SignOut reports it.
func TestSignOutKeyringFails(t *testing.T) {
	t.Parallel()
	for _, deleteErr := range []error{nil, errors.New("locked")} {
		b := newBench(t)
		b.store(t, grant(t, "alice", "refresh-1", time.Hour))
		b.keyring.putErr, b.keyring.deleteErr = errors.New("full"), deleteErr
		gone, err := b.another().SignOut(t.Context())
		if err != nil || (gone.KeyringErr != nil) != (deleteErr != nil) {
			t.Errorf("SignOut = %+v, %v; want a keyring error: %t", gone, err, deleteErr != nil)
		}
		if b.keyring.holds("refresh-1") != (deleteErr != nil) {
			t.Error("SignOut reports the wrong state of the keyring")
		}
		if g := b.another().Grant(t.Context()); !g.Refresh.IsZero() { // memory has the later generation
			t.Error("the keyring's refresh token still counts")
		}
	}
}

// The mark in memory expires, because the agent runs as long as it holds anything. Without a sign-in there is no
// mark. A second sign-out does not remove the mark.
func TestSignOutMarks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if gone, err := b.another().SignOut(t.Context()); err != nil || gone.WasSignedIn || len(b.memory.puts)+len(b.keyring.puts) != 0 {
		t.Errorf("SignOut = %+v, %v with writes %v %v; want nothing found and nothing written", gone, err, b.memory.puts, b.keyring.puts)
	}
	b.want(t, "ASIA1", 1, 0, 1)
	late := b.keyring.values[loginKey]
	for range 2 {
		if _, err := b.another().SignOut(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := b.memory.until[loginKey], noon.Add(markLife); !got.Equal(want) {
			t.Errorf("memory holds the mark until %v, want %v", got, want)
		}
		b.wantSignedOut(t)
	}
	b.keyring.values[loginKey] = late
	if g := b.another().Grant(t.Context()); !g.Refresh.IsZero() {
		t.Error("after two sign-outs the late write counts")
	}
	b.want(t, "ASIA2", 2, 0, 2)
	if !b.keyring.holds("refresh-1") {
		t.Error("the sign-in after the sign-out is not stored")
	}
}

// A new generation is later than one that every store has lost.
func TestGenerationAfterLoss(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for range 3 {
		if _, err := b.another().SignIn(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	late := b.keyring.values[loginKey]
	b.memory.values, b.keyring.values = map[string][]byte{}, map[string][]byte{}
	b.now = noon.Add(time.Hour)
	b.idp.signIn = grant(t, "bob", "", 2*time.Hour)
	b.want(t, "ASIA4", 4, 0, 4)
	b.keyring.values[loginKey] = late
	if g := b.another().Grant(t.Context()); g.ID.Claims.Subject != "bob" || !g.Refresh.IsZero() {
		t.Errorf("signed in is %q, want bob", g.ID.Claims.Subject)
	}
}

// One lock covers renewal, exchange and sign-out: a sign-out waits for a running renewal, then deletes and revokes its
// result.
func TestSignOutWaitsForRenewal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	turn := make(chan struct{}, 1)
	b.Lock = func(ctx context.Context) (func(), error) {
		select {
		case turn <- struct{}{}:
			return func() { <-turn }, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	b.store(t, grant(t, "alice", "refresh-1", time.Minute))
	signedOut := make(chan error, 1)
	b.idp.renew = func(identity.Grant) (identity.Grant, error) {
		other := b.another()
		waits := make(chan struct{})
		other.PersonSession.Step = func(step string) {
			if step == StepLocking {
				close(waits)
			}
		}
		go func() {
			_, err := other.SignOut(t.Context())
			signedOut <- err
		}()
		<-waits
		return grant(t, "alice", "refresh-2", time.Hour), nil
	}
	if c, err := b.another().Credential(t.Context()); err != nil || c.AccessKeyID != "ASIA1" {
		t.Errorf("Credential = %s, %v", c.AccessKeyID, err)
	}
	if err := <-signedOut; err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(b.idp.revoked, []string{"refresh-2"}) {
		t.Errorf("revoked %v, want the renewed refresh token", b.idp.revoked)
	}
	b.wantSignedOut(t)
}

// A record without a generation counts until a sign-out, which is later than it.
func TestRecordWithoutGeneration(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	value, err := json.Marshal(map[string]any{"v": 1, "n": 7, "iss": "https://idp", "sub": "alice", "refresh": "refresh-1"})
	if err != nil {
		t.Fatal(err)
	}
	b.keyring.values[loginKey] = value
	b.idp.renew = func(identity.Grant) (identity.Grant, error) { return grant(t, "alice", "refresh-2", time.Hour), nil }
	b.want(t, "ASIA1", 0, 1, 1)
	if _, err := b.another().SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.keyring.values[loginKey] = value
	if g := b.another().Grant(t.Context()); !g.Refresh.IsZero() {
		t.Error("it counts after the sign-out")
	}
}

// permutations returns the orders of 0 … n-1.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{{}}
	}
	var all [][]int
	for _, rest := range permutations(n - 1) {
		for i := range n {
			all = append(all, slices.Insert(slices.Clone(rest), i, n-1))
		}
	}
	return all
}
