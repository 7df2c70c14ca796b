package broker

import (
	"errors"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// The refresh token is stored in the keyring only; AWS keys and ID tokens are stored in memory only.
func TestWhereSecretsAreStored(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.want(t, "ASIA1", 1, 0, 1)
	id := b.idp.signIn.ID.Raw.Reveal()
	for _, row := range []struct {
		what, text        string
		inMemory, keyring bool
	}{
		{"refresh token", "refresh-1", false, true},
		{"secret access key", "secret-ASIA1", true, false},
		{"session token", "token-ASIA1", true, false},
		{"ID token", id, true, false},
	} {
		if b.memory.holds(row.text) != row.inMemory || b.keyring.holds(row.text) != row.keyring {
			t.Errorf("%s: in memory %t, in keyring %t; want %t, %t", row.what,
				b.memory.holds(row.text), b.keyring.holds(row.text), row.inMemory, row.keyring)
		}
	}
}

// Without a keyring the refresh token is stored in memory, with one warning.
func TestKeyringFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.keyring.putErr = errors.New("locked")
	b.want(t, "ASIA1", 1, 0, 1)
	if !b.memory.holds("refresh-1") || len(b.warnings) != 1 {
		t.Fatalf("in memory %t, warnings %v; want true and one", b.memory.holds("refresh-1"), b.warnings)
	}
	if told, ok := errors.AsType[*NotInKeyringError](b.warnings[0]); !ok || told.Err.Error() != "locked" {
		t.Errorf("warned of %v, want a NotInKeyringError with its cause", b.warnings[0])
	}
}

// A failing memory store never makes a command fail.
func TestMemoryFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.memory.putErr, b.memory.getErr = errors.New("no agent"), errors.New("no agent")
	b.idp.renew = func(identity.Grant) (identity.Grant, error) {
		return grant(t, "alice", "refresh-2", time.Hour), nil
	}
	b.want(t, "ASIA1", 1, 0, 1)
	b.want(t, "ASIA2", 1, 1, 2) // from the keyring's refresh token
}

func TestNoStores(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Memory, b.Keyring = nil, nil
	b.want(t, "ASIA1", 1, 0, 1)
}

// A record that cannot be read is ignored.
func TestGarbageRecords(t *testing.T) {
	t.Parallel()
	for _, garbage := range []string{"", "{", "null", `{"v":99,"key":"ASIAfuture"}`, `[]`, "\x00"} {
		b := newBench(t)
		b.memory.values["login/x"] = []byte(garbage)
		b.memory.values["login/x/credential/y"] = []byte(garbage)
		b.keyring.values["login/x"] = []byte(garbage)
		b.want(t, "ASIA1", 1, 0, 1)
	}
}

// When another person signs in to the same login, nothing of the first one is left.
func TestAnotherPerson(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.want(t, "ASIA1", 1, 0, 1)
	b.memory.values["login/x/credential/other-profile"] = []byte(`{"v":1,"key":"ASIAalice"}`)
	b.idp.signIn = grant(t, "bob", "", time.Hour)
	if _, err := b.another().SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b.memory.holds("ASIAalice") || b.keyring.holds("refresh-1") {
		t.Error("alice's credential or refresh token is still stored")
	}
	if got := b.another().Grant(t.Context()).ID.Claims.Subject; got != "bob" {
		t.Errorf("stored subject %q, want bob", got)
	}
}

// A renewal after the agent has exited still knows whose refresh token it is.
func TestKeyringHasClaims(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.want(t, "ASIA1", 1, 0, 1)
	b.memory.values = map[string][]byte{}
	b.idp.renew = func(g identity.Grant) (identity.Grant, error) {
		if c := g.ID.Claims; c.Subject != "alice" || c.Issuer != "https://idp" || len(c.Audience) != 1 {
			t.Errorf("renewing with claims %+v, want alice's", c)
		}
		return grant(t, "alice", "refresh-2", time.Hour), nil
	}
	b.want(t, "ASIA2", 1, 1, 2)
}

// Of two records the one with the higher sequence counts, because a write to the keyring can take effect late.
func TestNewestRecordWins(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.store(t, grant(t, "alice", "refresh-1", time.Hour))
	late := b.keyring.values["login/x"]
	b.keyring.putErr = errors.New("slow")
	b.store(t, grant(t, "alice", "refresh-2", time.Hour))
	b.keyring.values["login/x"] = late
	if got := b.another().Grant(t.Context()).Refresh.Reveal(); got != "refresh-2" {
		t.Errorf("refresh token %q, want the newest", got)
	}
}

// An access token is stored only without a refresh token: with one it has no use, and it may be too large.
func TestAccessTokenStoredOnlyForSignOut(t *testing.T) {
	t.Parallel()
	for _, refresh := range []string{"", "refresh-1"} {
		b := newBench(t)
		g := grant(t, "alice", refresh, time.Hour)
		g.Access = secret.New("access-marker")
		b.store(t, g)
		if got, want := b.memory.holds("access-marker"), refresh == ""; got != want || b.keyring.holds("access-marker") {
			t.Errorf("with refresh token %q: access token in memory %t, want %t", refresh, got, want)
		}
	}
}
