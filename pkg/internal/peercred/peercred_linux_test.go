package peercred

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"testing"
)

// connected returns both ends of a connection on loopback.
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

// The kernel names this process as the owner of its own connection, in both families and in both ways to
// ask; and of a connection that was closed, nobody.
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
				t.Error("the table says that another user made it, want us")
			}
			if other := self + 1; self != 0 && !fromOther(remote, local, other, connections(remote.Addr())) {
				t.Error("the table says that it is another user's own")
			}
			if IsOtherConn(server) {
				t.Error("our own connection counts as another user's")
			}
			if !isOurs(remote, local) {
				t.Error("our own connection does not count as ours")
			}
			client.Close()
			if !IsOtherConn(server) || isOurs(remote, local) {
				t.Error("a connection that was closed counts as somebody's")
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
		t.Error("our own request counts as another user's")
	}
}

// What the kernel answers may be short, an error, or of a socket that nobody has any more.
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
