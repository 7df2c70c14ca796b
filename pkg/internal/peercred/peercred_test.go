package peercred

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"testing"
)

func TestPeerOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		owner, self int
		want        Peer
	}{
		{1000, 1000, Self}, {1001, 1000, Other}, {0, 1000, Root}, // root may forward a port
		{0, 0, Self}, {1000, 0, Other}, // if this user is root, only root is
	} {
		if got := peerOf(c.owner, c.self); got != c.want {
			t.Errorf("to the user %d the owner %d is %d, want %d", c.self, c.owner, got, c.want)
		}
	}
}

func TestOwnerInTable(t *testing.T) {
	t.Parallel()
	const person = 1000
	us, peer := netip.MustParseAddrPort("127.0.0.1:8400"), netip.MustParseAddrPort("127.0.0.1:50000")
	row := func(local, remote, state string, uid int) string {
		return fmt.Sprintf("   1: %s %s %s 00000000:00000000 00:00000000 00000000  %4d        0 4242 1\n", local, remote, state, uid)
	}
	here, there := tableForm(us, false), tableForm(peer, false)
	hereWide, thereWide := tableForm(us, true), tableForm(peer, true)
	served := row(here, there, "01", 7) // this end is not the one to look for
	for _, c := range []struct {
		name, table string
		want        int
		err         error
	}{
		{"a connection", served + row(there, here, "01", person) + row(there, here, "06", 8), person, nil},
		{"a socket for both families", row(thereWide, hereWide, "01", person) + served, person, nil},
		{"closed, so without an owner", served + row(there, here, "05", 0), 0, errNobody},
		{"gone", served, 0, errNobody},
		{"another connection", row(there, here[:8]+":0001", "01", person), 0, errNobody},
		{"empty", "", 0, errNobody},
	} {
		if got, err := ownerIn(c.table, peer, us); got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: owner %d, %v, want %d, %v", c.name, got, err, c.want, c.err)
		}
	}
	for name, damaged := range map[string]string{"cut off": row(there, here, "01", person)[:60], "no number": row(there, here, "01", person)[:80] + "x y z"} {
		if got, err := ownerIn(damaged, peer, us); err == nil || errors.Is(err, errNobody) {
			t.Errorf("%s: owner %d, %v, want an error", name, got, err)
		}
	}
}

// A request whose connection is not known counts as another user's.
func TestRequestWithoutConnection(t *testing.T) {
	t.Parallel()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if peer, err := New().Request(r); peer != Other || err == nil {
		t.Errorf("%d, %v, want Other and an error", peer, err)
	}
}
