package login

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"testing"
)

func TestFromOther(t *testing.T) {
	t.Parallel()
	const us, person, stranger = "127.0.0.1:8400", 1000, 1001
	peer := netip.MustParseAddrPort("127.0.0.1:50000")
	row := func(local, remote, state string, uid int) string {
		return fmt.Sprintf("   1: %s %s %s 00000000:00000000 00:00000000 00000000  %d        0 4242 1\n", local, remote, state, uid)
	}
	here, there := tableForm(netip.MustParseAddrPort(us), false), tableForm(peer, false)
	hereWide, thereWide := tableForm(netip.MustParseAddrPort(us), true), tableForm(peer, true)
	served := row(here, there, "01", person) // our own end is no answer
	for _, c := range []struct {
		name   string
		self   int
		tables []string
		want   bool
	}{
		{"our own browser", person, []string{served + row(there, here, "01", person)}, false},
		{"our own, by a socket for both families", person, []string{row(thereWide, hereWide, "01", person), served}, false},
		{"another user", person, []string{served + row(there, here, "01", stranger)}, true},
		{"root, who forwards a port", person, []string{served + row(there, here, "01", 0)}, false},
		{"closed, so without an owner", person, []string{served + row(there, here, "05", 0)}, true},
		{"gone", person, []string{served}, true},
		{"another connection's", person, []string{row(there, here[:8]+":0001", "01", person)}, true},
		{"no table", person, nil, false},
		{"we are root", 0, []string{row(there, here, "01", stranger)}, false},
	} {
		local := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(us))
		r := (&http.Request{RemoteAddr: peer.String()}).WithContext(
			context.WithValue(t.Context(), http.LocalAddrContextKey, net.Addr(local)))
		if got := fromOther(r, c.self, func(netip.Addr) []string { return c.tables }); got != c.want {
			t.Errorf("%s: from another user: %t, want %t", c.name, got, c.want)
		}
	}
}

// Another user who is there before the browser uses nothing up.
func TestStartIsForThisUser(t *testing.T) {
	t.Parallel()
	a, told := newServed(t)
	others := true
	a.isOthers = func(*http.Request) bool { return others }
	resp, body := visit(t, browser(t), "GET", a.port.startURL(), nil)
	if resp.StatusCode != http.StatusForbidden || resp.Header.Get("Location") != "" || resp.Header.Get("Set-Cookie") != "" {
		t.Errorf("start answers another user with %d, want 403 without cookie and location", resp.StatusCode)
	}
	wantText(t, "page", body, "another user")
	if got := count[SecondBrowser](told); got != 1 {
		t.Errorf("told %d times, want once", got)
	}
	others = false
	if resp, _ := visit(t, browser(t), "GET", a.port.startURL(), nil); resp.StatusCode != http.StatusFound {
		t.Errorf("then start answers the person with %d, want 302", resp.StatusCode)
	}
}
