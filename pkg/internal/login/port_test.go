package login

import (
	"net"
	"strings"
	"testing"
)

func hasIPv6(t *testing.T) bool { return hasFamily(t.Context(), "::1") }

func TestListen(t *testing.T) {
	t.Parallel()
	tests := []struct {
		uris     []string
		redirect string // PORT stands for the port
		start    string
		addrs    int
	}{
		{nil, "http://127.0.0.1:PORT/callback", "http://127.0.0.1:PORT/start", 1},
		{[]string{"http://127.0.0.1"}, "http://127.0.0.1:PORT", "http://127.0.0.1:PORT/start", 1},
		{[]string{"http://127.0.0.1:0/cb/x"}, "http://127.0.0.1:PORT/cb/x", "http://127.0.0.1:PORT/start", 1},
		{[]string{"http://[::1]/cb"}, "http://[::1]:PORT/cb", "http://[::1]:PORT/start", 1},
		{[]string{"http://localhost/"}, "http://localhost:PORT/", "http://localhost:PORT/start", 2},
		{[]string{"http://127.0.0.1/start"}, "http://127.0.0.1:PORT/start", "http://127.0.0.1:PORT/start-page", 1},
	}
	for _, test := range tests {
		if strings.Contains(test.redirect, "[::1]") && !hasIPv6(t) {
			continue
		}
		p, err := listen(t.Context(), test.uris)
		if err != nil {
			t.Errorf("listen(%q): %v", test.uris, err)
			continue
		}
		defer p.close()
		in := strings.NewReplacer("PORT", p.redirect.Port())
		if got, want := p.redirectURI(), in.Replace(test.redirect); got != want {
			t.Errorf("listen(%q) redirects to %q, want %q", test.uris, got, want)
		}
		if got, want := p.startURL(), in.Replace(test.start); got != want {
			t.Errorf("listen(%q) starts at %q, want %q", test.uris, got, want)
		}
		if want := test.addrs; len(p.listeners) != want && hasIPv6(t) {
			t.Errorf("listen(%q) binds %d addresses, want %d", test.uris, len(p.listeners), want)
		}
		for _, listener := range p.listeners {
			addr := listener.Addr().(*net.TCPAddr)
			if !addr.IP.IsLoopback() || p.redirect.Port() != portOf(addr) {
				t.Errorf("listen(%q) binds %s, want loopback and port %s", test.uris, addr, p.redirect.Port())
			}
		}
	}
}

func portOf(a net.Addr) string {
	_, port, _ := net.SplitHostPort(a.String())
	return port
}

func TestListenRefuses(t *testing.T) {
	t.Parallel()
	for _, uri := range []string{"", "https://127.0.0.1/cb", "http://0.0.0.0/cb", "http://[::]/cb", "http://192.0.2.1/cb",
		"http://example.com/cb", "http://127.0.0.1/cb?x=1", "http://127.0.0.1/cb?", "http://127.0.0.1/cb#x", "http://u@127.0.0.1/cb",
		"http://127.0.0.1:70000/cb", "http://localhost.example.com/", "http://127.0.0.2/", "http:/127.0.0.1", "://"} {
		if p, err := listen(t.Context(), []string{uri}); err == nil {
			p.close()
			t.Errorf("listen(%q) bound %s, want an error", uri, p.redirectURI())
		}
	}
}

// The first redirect URI whose port is free is used. If none is free, the error names each port.
func TestListenFirstFree(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	busy := "http://127.0.0.1:" + portOf(taken.Addr()) + "/cb"
	p, err := listen(t.Context(), []string{busy, "http://127.0.0.1:0/second"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	wantText(t, "redirect URI", p.redirectURI(), "/second")
	_, err = listen(t.Context(), []string{busy, p.redirectURI()})
	if err == nil {
		t.Fatal("listen bound a port that is in use")
	}
	wantText(t, "error", err.Error(), portOf(taken.Addr()), p.redirect.Port(), "and", "are in use")
}

// With localhost, a port that is in use for IPv6 is not bound for IPv4.
func TestListenLocalhostBindsBoth(t *testing.T) {
	t.Parallel()
	if !hasIPv6(t) {
		t.Skip("no IPv6 loopback here")
	}
	taken, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if p, err := listen(t.Context(), []string{"http://localhost:" + portOf(taken.Addr()) + "/cb"}); err == nil {
		p.close()
		t.Errorf("listen bound %s although [::1] is in use", p.redirectURI())
	}
}

func TestIsHost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		redirect, host string
		want           bool
	}{
		{"http://127.0.0.1:8400/cb", "127.0.0.1:8400", true},
		{"http://127.0.0.1:8400/cb", "localhost:8400", false},
		{"http://127.0.0.1:8400/cb", "127.0.0.1", false},
		{"http://127.0.0.1:8400/cb", "evil.example.com:8400", false},
		{"http://localhost:8400/cb", "LOCALHOST:8400", true},
		{"http://localhost:80/cb", "localhost", true},
		{"http://[::1]:8400/cb", "[::1]:8400", true},
	} {
		redirect, err := parseRedirectURI(test.redirect)
		if err != nil {
			t.Fatal(err)
		}
		if got := (&port{redirect: redirect}).isHost(test.host); got != test.want {
			t.Errorf("isHost of %s, Host %q: %v, want %v", test.redirect, test.host, got, test.want)
		}
	}
}
