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

// Of two records the later generation wins, and in one generation the higher sequence, whichever store has it.
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
		t.Error("alice's record was given bob's refresh token")
	}
}

// Somebody signs out, without our lock, while the IdP renews: nothing comes back, at the IdP neither, and
// no browser opens, be the answer new tokens, a refusal, or a new refresh token alone.
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
				b.keep(t, grant(t, "alice", "refresh-1", time.Minute))
				b.cache(t.Context(), issued("ASIAstale", noon.Add(-50*time.Minute), time.Hour), 0)
				b.idp.renew = func(identity.Grant) (identity.Grant, error) {
					if _, err := b.another().SignOut(t.Context()); err != nil {
						t.Error(err)
					}
					return row.answer(t)
				}
				c, err := b.another().Credential(t.Context())
				if !errors.Is(err, ErrSignInNeeded) || !c.IsZero() || b.idp.signIns != 0 {
					t.Errorf("Credential = %s, %v after %d sign-ins; want none, for want of a sign-in", c.AccessKeyID, err, b.idp.signIns)
				}
				if !slices.Equal(b.idp.revoked, row.revoked) {
					t.Errorf("revoked %v, want %v", b.idp.revoked, row.revoked)
				}
				b.wantNothing(t)
			})
		}
	}
}

// The same while AWS is asked: the credential is neither kept nor handed out.
func TestSignOutDuringExchange(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keep(t, grant(t, "alice", "refresh-1", time.Hour))
	b.aws.during = func() { b.another().SignOut(t.Context()) }
	if c, err := b.another().Credential(t.Context()); !errors.Is(err, errSignedOut) || !c.IsZero() {
		t.Errorf("Credential = %s, %v; want none", c.AccessKeyID, err)
	}
	b.wantNothing(t)
}

// A renewal of the sign-in before a new one is of an older generation.
func TestSignInDuringRenewal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keep(t, grant(t, "alice", "refresh-1", time.Minute))
	b.idp.signIn = grant(t, "bob", "refresh-bob", time.Hour)
	b.idp.renew = func(identity.Grant) (identity.Grant, error) {
		if _, err := b.another().SignIn(t.Context()); err != nil {
			t.Error(err)
		}
		return grant(t, "alice", "refresh-2", time.Hour), nil
	}
	if c, err := b.another().Credential(t.Context()); !errors.Is(err, errSignedOut) {
		t.Errorf("Credential = %s, %v; want alice's sign-in over", c.AccessKeyID, err)
	}
	if g := b.another().Grant(t.Context()); g.ID.Claims.Subject != "bob" || g.Refresh.Reveal() != "refresh-bob" {
		t.Errorf("signed in is %q, want bob with his refresh token", g.ID.Claims.Subject)
	}
}

// Writes to the keyring that were given up land in every order after the sign-out: nothing answers, and
// the next call clears away what landed, so that it stays so when memory has forgotten.
func TestLateWritesAfterSignOut(t *testing.T) {
	t.Parallel()
	for _, order := range permutations(3) {
		b := newBench(t)
		b.Background = nil
		b.keyring.abandons = true
		b.keep(t, grant(t, "alice", "refresh-1", time.Hour))
		b.keep(t, grant(t, "alice", "refresh-2", time.Hour))
		if gone, err := b.another().SignOut(t.Context()); err != nil || !gone.Revoked {
			t.Fatalf("SignOut = %+v, %v", gone, err)
		}
		if len(b.keyring.late) != len(order) {
			t.Fatalf("%d writes are on their way, want %d: the last is the tombstone", len(b.keyring.late), len(order))
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
		b.memory.values = map[string][]byte{} // the agent is gone
		b.wantNothing(t)
	}
}

// The same behind a renewal and a new sign-in of another person: the last grant holds, whatever lands.
func TestLateWritesBehindNewer(t *testing.T) {
	t.Parallel()
	for _, order := range permutations(4) {
		b := newBench(t)
		b.keyring.abandons = true
		b.keep(t, grant(t, "alice", "refresh-1", time.Hour))
		b.keep(t, grant(t, "alice", "refresh-2", time.Hour))
		b.idp.signIn = grant(t, "bob", "refresh-bob", time.Hour)
		if _, err := b.another().SignIn(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.keep(t, grant(t, "bob", "refresh-bob-2", time.Hour))
		for _, i := range order {
			b.keyring.values[loginKey] = b.keyring.late[i]
			if g := b.another().Grant(t.Context()); g.Refresh.Reveal() != "refresh-bob-2" || g.ID.Claims.Subject != "bob" {
				t.Errorf("order %v: after write %d it is %q with %q", order, i, g.ID.Claims.Subject, g.Refresh.Reveal())
			}
		}
	}
}

// Another person signs in while the first one's refresh token is still on its way to the keyring, and the
// IdP gives the second none: sequences alone would pair the one with the other's token.
func TestLateWriteOfAnotherPerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keyring.abandons = true
	b.keep(t, grant(t, "alice", "refresh-1", time.Hour))
	b.idp.signIn = grant(t, "bob", "", time.Hour)
	if _, err := b.another().SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.keyring.values[loginKey] = b.keyring.late[0]
	if g := b.another().Grant(t.Context()); g.ID.Claims.Subject != "bob" || !g.Refresh.IsZero() {
		t.Errorf("signed in is %q with refresh token %q, want bob without", g.ID.Claims.Subject, g.Refresh.Reveal())
	}
}

// A write that lands while the sign-out talks to the IdP is seen before it ends.
func TestSignOutLooksAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Memory = nil
	b.keep(t, grant(t, "alice", "refresh-1", time.Hour))
	late := b.keyring.values[loginKey]
	b.idp.revoking = func() { b.keyring.values[loginKey] = late }
	if gone, err := b.another().SignOut(t.Context()); err != nil || gone.KeyringErr != nil {
		t.Fatalf("SignOut = %+v, %v", gone, err)
	}
	b.wantNothing(t)
}

// Where the keyring takes no tombstone it is made to forget; where it does not do that either, it is told.
func TestSignOutKeyringFails(t *testing.T) {
	t.Parallel()
	for _, deleteErr := range []error{nil, errors.New("locked")} {
		b := newBench(t)
		b.keep(t, grant(t, "alice", "refresh-1", time.Hour))
		b.keyring.putErr, b.keyring.deleteErr = errors.New("full"), deleteErr
		gone, err := b.another().SignOut(t.Context())
		if err != nil || (gone.KeyringErr != nil) != (deleteErr != nil) {
			t.Errorf("SignOut = %+v, %v; want a keyring error: %t", gone, err, deleteErr != nil)
		}
		if b.keyring.holds("refresh-1") != (deleteErr != nil) {
			t.Error("what the sign-out says of the keyring is not so")
		}
		if g := b.another().Grant(t.Context()); !g.Refresh.IsZero() { // memory knows better than the keyring
			t.Error("the keyring's refresh token still counts")
		}
	}
}

// The tombstone in memory ends, for the agent stays as long as it has something; who never signed in leaves
// none, and signing out twice is no way round it.
func TestTombstones(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if gone, err := b.another().SignOut(t.Context()); err != nil || gone.WasSignedIn || len(b.memory.puts)+len(b.keyring.puts) != 0 {
		t.Errorf("SignOut = %+v, %v with writes %v %v; want nothing held and nothing written", gone, err, b.memory.puts, b.keyring.puts)
	}
	b.want(t, "ASIA1", 1, 0, 1)
	late := b.keyring.values[loginKey]
	for range 2 {
		if _, err := b.another().SignOut(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := b.memory.until[loginKey], noon.Add(markLife); !got.Equal(want) {
			t.Errorf("memory knows of the sign-out until %v, want %v", got, want)
		}
		b.wantNothing(t)
	}
	b.keyring.values[loginKey] = late
	if g := b.another().Grant(t.Context()); !g.Refresh.IsZero() {
		t.Error("after two sign-outs the late write counts")
	}
	b.want(t, "ASIA2", 2, 0, 2)
	if !b.keyring.holds("refresh-1") {
		t.Error("the sign-in after the sign-out is not kept")
	}
}

// A generation is later than one that every store has lost.
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

// One lock covers renewal, exchange and sign-out: a sign-out waits for the renewal in flight, and forgets
// and revokes what came of it.
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
	b.keep(t, grant(t, "alice", "refresh-1", time.Minute))
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
	b.wantNothing(t)
}

// What an earlier build kept, without a generation, is older than anything and counts until then.
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
		t.Error("it came back after the sign-out")
	}
}

// permutations are the orders of 0 … n-1.
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
