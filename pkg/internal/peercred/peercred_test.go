package peercred

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
)

func TestFromOther(t *testing.T) {
	t.Parallel()
	const person, stranger = 1000, 1001
	us, peer := netip.MustParseAddrPort("127.0.0.1:8400"), netip.MustParseAddrPort("127.0.0.1:50000")
	row := func(local, remote, state string, uid int) string {
		return fmt.Sprintf("   1: %s %s %s 00000000:00000000 00:00000000 00000000  %d        0 4242 1\n", local, remote, state, uid)
	}
	here, there := tableForm(us, false), tableForm(peer, false)
	hereWide, thereWide := tableForm(us, true), tableForm(peer, true)
	served := row(here, there, "01", person) // this end is not the one to look for
	for _, c := range []struct {
		name   string
		self   int
		tables []string
		want   bool
	}{
		{"our own program", person, []string{served + row(there, here, "01", person)}, false},
		{"our own, by a socket for both families", person, []string{row(thereWide, hereWide, "01", person), served}, false},
		{"another user", person, []string{served + row(there, here, "01", stranger)}, true},
		{"root, which forwards a port", person, []string{served + row(there, here, "01", 0)}, false},
		{"closed, so without an owner", person, []string{served + row(there, here, "05", 0)}, true},
		{"gone", person, []string{served}, true},
		{"another connection", person, []string{row(there, here[:8]+":0001", "01", person)}, true},
		{"no table", person, nil, false},
		{"we are root", 0, []string{row(there, here, "01", stranger)}, true},
	} {
		if got := fromOther(peer, us, c.self, slices.Values(c.tables)); got != c.want {
			t.Errorf("%s: from another user: %t, want %t", c.name, got, c.want)
		}
	}
}
