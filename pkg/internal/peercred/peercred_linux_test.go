package peercred

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"testing"
)

// connected returns both ends of a loopback connection.
func connected(t *testing.T, network, address string) (server, client net.Conn) {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Skipf("no %s here: %v", address, err)
	}
	defer l.Close()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return server, client
}

// The kernel reports this user as the owner of the test's own connection, by both methods and for IPv4 and IPv6. A
// closed connection has no owner.
func TestOwnConnection(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			server, client := connected(t, "tcp", address)
			remote, local := addrPort(server.RemoteAddr()), addrPort(server.LocalAddr())
			self := os.Geteuid()
			if owner, err := diagnosed(remote, local); err != nil || owner != self {
				t.Errorf("sock_diag says %d, %v, want %d", owner, err, self)
			}
			if fromOther(remote, local, self, connections(remote.Addr())) {
				t.Error("by the table another user owns the connection, want this user")
			}
			if other := self + 1; self != 0 && !fromOther(remote, local, other, connections(remote.Addr())) {
				t.Error("by the table the connection belongs to a user that does not own it")
			}
			if IsOtherConn(server) {
				t.Error("IsOtherConn of this user's connection = true")
			}
			if !isOurs(remote, local) {
				t.Error("isOurs of this user's connection = false")
			}
			client.Close()
			if !IsOtherConn(server) || isOurs(remote, local) {
				t.Error("a closed connection has an owner")
			}
		})
	}
}

func addrPort(a net.Addr) netip.AddrPort { return a.(*net.TCPAddr).AddrPort() }

func TestOwnRequest(t *testing.T) {
	t.Parallel()
	answers := make(chan bool, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { answers <- IsOther(r) }))
	defer server.Close()
	resp, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if <-answers {
		t.Error("IsOther of this user's request = true")
	}
}

// The kernel's answer may be short, an error, or about a closed socket.
func TestOwnerInAnswer(t *testing.T) {
	t.Parallel()
	whole := make([]byte, ownerOffset+4)
	whole[4], whole[stateOffset], whole[ownerOffset] = diagByFamily, established, 7
	if uid, err := ownerInAnswer(whole); err != nil || uid != 7 {
		t.Errorf("owner %d, %v, want 7", uid, err)
	}
	closed := append([]byte(nil), whole...)
	closed[stateOffset] = 6 // TIME_WAIT
	for name, answer := range map[string][]byte{"empty": nil, "short": whole[:40], "an error": make([]byte, 36), "closed": closed} {
		if uid, err := ownerInAnswer(answer); err == nil {
			t.Errorf("%s: owner %d, want none", name, uid)
		}
	}
}
