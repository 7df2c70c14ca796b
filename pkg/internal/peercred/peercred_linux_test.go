package peercred

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// connected returns both ends of a loopback connection.
func connected(t *testing.T, address string) (server, client net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", address)
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

func addrPort(a net.Addr) netip.AddrPort { return a.(*net.TCPAddr).AddrPort() }

// asking returns a checker that asks sock_diag in that way, and the number of its questions.
func asking(diagnose func(client, server netip.AddrPort) (int, error)) (*Checker, *int) {
	count, c := new(int), &Checker{}
	c.diagnose = func(client, server netip.AddrPort) (int, error) {
		*count++
		return diagnose(client, server)
	}
	return c, count
}

// missing is a kernel without tcp_diag.
func missing(netip.AddrPort, netip.AddrPort) (int, error) { return 0, errNobody }

// The kernel reports this user as the owner of the test's own connection, by both methods and for IPv4 and IPv6. A
// closed connection belongs to nobody, and the tables are not read to find that out.
func TestOwnConnection(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			server, client := connected(t, address)
			remote, local := addrPort(server.RemoteAddr()), addrPort(server.LocalAddr())
			byTables, _ := asking(missing)
			checkers := map[string]*Checker{"sock_diag": New(), "the tables": byTables}
			for name, c := range checkers {
				if got, err := c.peer(remote, local); got != Self || err != nil {
					t.Errorf("by %s: %d, %v, want Self", name, got, err)
				}
				if c.IsOther(server) {
					t.Errorf("by %s the connection is another user's", name)
				}
			}
			client.Close()
			for name, c := range checkers {
				if got, err := c.peer(remote, local); got != Other || err != nil {
					t.Errorf("closed, by %s: %d, %v, want Other", name, got, err)
				}
			}
			if c := checkers["sock_diag"]; c.method == sockDiag && (!c.IsOther(server) || c.tables.count != 0) {
				t.Errorf("the closed connection is this user's, or the tables were read %d times", c.tables.count)
			}
			if byTables.IsOther(server) || byTables.tables.count != 2 {
				t.Errorf("the tables were read %d times, want for the two requests and not for the connection", byTables.tables.count)
			}
		})
	}
}

func TestOwnRequest(t *testing.T) {
	t.Parallel()
	answers, c := make(chan Peer, 1), New()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		peer, err := c.Request(r)
		if err != nil {
			t.Error(err)
		}
		answers <- peer
	}))
	defer server.Close()
	resp, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got := <-answers; got != Self {
		t.Errorf("this user's request is from %d, want Self", got)
	}
}

// One probe decides whether sock_diag works. Only if it does not, the tables are read.
func TestProbe(t *testing.T) {
	t.Parallel()
	server, _ := connected(t, "127.0.0.1:0")
	remote, local := addrPort(server.RemoteAddr()), addrPort(server.LocalAddr())
	for name, row := range map[string]struct {
		uid  int
		err  error
		want method
	}{
		"works":           {os.Geteuid(), nil, sockDiag},
		"no tcp_diag":     {0, errNobody, procTables},
		"forbidden":       {0, syscall.EPERM, procTables},
		"no such family":  {0, syscall.EAFNOSUPPORT, procTables},
		"another user":    {os.Geteuid() + 1, nil, procTables},
		"not understood":  {0, errBadAnswer, procTables},
		"too many files":  {0, os.NewSyscallError("socket", syscall.EMFILE), undecided},
		"too little room": {0, syscall.ENOBUFS, undecided},
	} {
		c, count := asking(func(netip.AddrPort, netip.AddrPort) (int, error) { return row.uid, row.err })
		for range 2 {
			peer, err := c.peer(remote, local)
			if want := row.want != undecided; (peer == Self) != want || (err == nil) != want {
				t.Errorf("%s: %d, %v, want Self: %t", name, peer, err, want)
			}
		}
		questions := map[method]int{sockDiag: 3, procTables: 1, undecided: 2} // one is the probe
		if c.method != row.want || *count != questions[row.want] {
			t.Errorf("%s: method %d after %d questions, want %d after %d", name, c.method, *count, row.want, questions[row.want])
		}
	}
}

// If the kernel cannot be asked, the owner counts as another user, and the error says why.
func TestCannotTell(t *testing.T) {
	t.Parallel()
	server, _ := connected(t, "127.0.0.1:0")
	remote, local := addrPort(server.RemoteAddr()), addrPort(server.LocalAddr())
	exhausted := false
	c, _ := asking(func(netip.AddrPort, netip.AddrPort) (int, error) {
		if exhausted {
			return 0, syscall.EMFILE
		}
		return os.Geteuid(), nil
	})
	for _, exhausted = range []bool{false, true} {
		peer, err := c.peer(remote, local)
		if exhausted && (peer != Other || !errors.Is(err, syscall.EMFILE) || !c.IsOther(server)) {
			t.Errorf("without a file descriptor: %d, %v, want Other and EMFILE", peer, err)
		}
	}
	if c.tables.count != 0 {
		t.Error("the tables were read")
	}
}

// A table that cannot be read is an error, unless it is that of IPv6 and does not exist.
func TestReadTables(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/"
	if _, err := readTables(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no tables: %v", err)
	}
	write := func(name string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("tcp")
	if text, err := readTables(dir); err != nil || !slices.Equal(text, []string{"tcp"}) {
		t.Errorf("without IPv6: %q, %v", text, err)
	}
	write("tcp6")
	if text, err := readTables(dir); err != nil || strings.Join(text, " ") != "tcp tcp6" {
		t.Errorf("both: %q, %v", text, err)
	}
	if err := os.Remove(dir + "tcp6"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir+"tcp6", 0o700); err != nil {
		t.Fatal(err)
	}
	if text, err := readTables(dir); err == nil || !slices.Equal(text, []string{"tcp"}) {
		t.Errorf("unreadable IPv6: %q, %v, want an error", text, err)
	}
}

// Requests that wait at the same time share a reading, and a later one gets a new one.
func TestTablesAreShared(t *testing.T) {
	t.Parallel()
	var shared tables
	first, second := shared.upcoming(), shared.upcoming()
	text, err := shared.read()
	if err != nil || len(text) == 0 {
		t.Fatalf("%d tables, %v", len(text), err)
	}
	if first != second || !slices.Equal(first.text, text) {
		t.Error("two requests that waited did not share the reading")
	}
	if shared.upcoming() == first || shared.count != 1 {
		t.Errorf("a later request gets an old reading, or the tables were read %d times", shared.count)
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
	closed := slices.Clone(whole)
	closed[stateOffset] = 6 // TIME_WAIT
	failed := func(errno syscall.Errno) []byte {
		answer := make([]byte, headerLength+4)
		answer[4] = syscall.NLMSG_ERROR
		binary.NativeEndian.PutUint32(answer[headerLength:], uint32(-int32(errno)))
		return answer
	}
	for name, row := range map[string]struct {
		answer []byte
		want   error
	}{
		"empty": {nil, errBadAnswer}, "short": {whole[:40], errBadAnswer}, "another kind": {make([]byte, 36), errBadAnswer},
		"forbidden": {failed(syscall.EPERM), syscall.EPERM}, "gone": {failed(syscall.ENOENT), errNobody}, "closed": {closed, errNobody},
	} {
		if uid, err := ownerInAnswer(row.answer); !errors.Is(err, row.want) {
			t.Errorf("%s: owner %d, %v, want %v", name, uid, err, row.want)
		}
	}
}
