package peercred

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// lookup finds a connection's owner through sock_diag(7), or else in the tables of proc_net_tcp(5). Reading those
// takes tens of milliseconds if many connections were closed recently, so they are read only where sock_diag does not
// work at all. sock_diag answers «no such connection» both for a closed one and where the kernel lacks tcp_diag. A
// connection that is known to be open tells the two apart.
type lookup struct {
	mu     sync.Mutex
	method method
	tables tables
	// diagnose asks sock_diag. It is a field for tests.
	diagnose func(client, server netip.AddrPort) (uid int, err error)
}

type method int

const (
	undecided method = iota // the probe could not be made yet
	sockDiag
	procTables
)

// prepare probes sock_diag. If that fails for a lack of resources, the next lookup probes again.
func (l *lookup) prepare() {
	l.diagnose = diagnose
	_, _ = l.decided()
}

func (l *lookup) decided() (method, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.method != undecided {
		return l.method, nil
	}
	var err error
	l.method, err = l.probe()
	return l.method, err
}

// probe asks sock_diag for the owner of a connection of this process.
func (l *lookup) probe() (method, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		if listener, err = net.Listen("tcp", "[::1]:0"); err != nil {
			return undecided, err
		}
	}
	defer listener.Close()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return undecided, err
	}
	defer conn.Close()
	uid, err := l.diagnose(conn.LocalAddr().(*net.TCPAddr).AddrPort(), conn.RemoteAddr().(*net.TCPAddr).AddrPort())
	switch {
	case isShortage(err):
		return undecided, err
	case err != nil || uid != os.Geteuid():
		return procTables, nil
	}
	return sockDiag, nil
}

// isShortage reports whether an error says nothing about what the kernel supports.
func isShortage(err error) bool {
	return slices.ContainsFunc([]error{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOBUFS, syscall.EAGAIN, syscall.EINTR},
		func(shortage error) bool { return errors.Is(err, shortage) })
}

func (l *lookup) peer(client, server netip.AddrPort) (Peer, error) {
	owner, err := l.owner(client, server)
	switch {
	case errors.Is(err, errNobody):
		return Other, nil
	case err != nil:
		return Other, fmt.Errorf("looking up a connection's owner: %w", err)
	}
	return peerOf(owner, os.Geteuid()), nil
}

func (l *lookup) owner(client, server netip.AddrPort) (uid int, err error) {
	how, err := l.decided()
	switch {
	case err != nil:
		return 0, err
	case how == sockDiag:
		return l.diagnose(client, server)
	}
	return l.tables.owner(client, server)
}

func (l *lookup) isOther(client, server netip.AddrPort) bool {
	if how, err := l.decided(); err != nil || how != sockDiag {
		return err != nil
	}
	peer, _ := l.peer(client, server)
	return peer == Other
}

// tables are the kernel's tables of connections. Requests that arrive during a reading share the next one.
type tables struct {
	mu      sync.Mutex
	next    *reading // it has not begun; may be nil
	running sync.Mutex
	count   int // of readings, for tests
}

type reading struct {
	once sync.Once
	text []string
	err  error
}

func (t *tables) owner(client, server netip.AddrPort) (uid int, err error) {
	text, err := t.read()
	for _, table := range text {
		if uid, ownerErr := ownerIn(table, client, server); !errors.Is(ownerErr, errNobody) {
			return uid, ownerErr
		}
	}
	if err != nil {
		return 0, err
	}
	return 0, errNobody
}

// read returns the tables as they are after the call of read, so that they contain an open connection of the caller.
func (t *tables) read() ([]string, error) {
	r := t.upcoming()
	r.once.Do(func() {
		t.running.Lock()
		defer t.running.Unlock()
		t.mu.Lock()
		t.next = nil
		t.count++
		t.mu.Unlock()
		r.text, r.err = readTables("/proc/self/net/")
	})
	return r.text, r.err
}

// upcoming returns the reading that begins next.
func (t *tables) upcoming() *reading {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.next == nil {
		t.next = &reading{}
	}
	return t.next
}

// readTables returns the tables that can be read. Both ends of a loopback connection are in the same network namespace,
// so a connection that is in neither table has been closed. There is no table for IPv6 where that is switched off.
func readTables(dir string) (text []string, err error) {
	for _, name := range []string{"tcp", "tcp6"} {
		table, readErr := os.ReadFile(dir + name)
		switch {
		case readErr == nil:
			text = append(text, string(table))
		case name != "tcp6" || !errors.Is(readErr, fs.ErrNotExist):
			err = readErr
		}
	}
	return text, err
}

// InContainer reports whether this process runs in a container or in the Windows Subsystem for Linux: its process
// namespace is not the machine's first. If that is not known, it returns false.
func InContainer() bool {
	const first = "pid:[4026531836]" // PROC_PID_INIT_INO of the kernel's proc_ns.h
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err == nil && namespace != first {
		return true
	}
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	return err == nil && strings.Contains(strings.ToLower(string(release)), "microsoft")
}
