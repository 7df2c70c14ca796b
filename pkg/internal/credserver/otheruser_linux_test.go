package credserver

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

const nobody = 65534

// dialAs connects as another user. A socket belongs to the user of the thread that created it.
func dialAs(uid int, address *net.TCPAddr) (net.Conn, error) {
	type result struct {
		conn net.Conn
		err  error
	}
	dialled := make(chan result, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		_, _, _ = syscall.RawSyscall(syscall.SYS_SETFSUID, uintptr(uid), 0, 0)
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		if err != nil {
			dialled <- result{err: err}
			return
		}
		to := &syscall.SockaddrInet4{Port: address.Port}
		copy(to.Addr[:], address.IP.To4())
		if err := syscall.Connect(fd, to); err != nil {
			syscall.Close(fd)
			dialled <- result{err: err}
			return
		}
		file := os.NewFile(uintptr(fd), "socket")
		defer file.Close()
		conn, err := net.FileConn(file)
		dialled <- result{conn, err}
	}()
	r := <-dialled
	return r.conn, r.err
}

// A real connection of another user (nobody) is refused even with the token.
func TestOtherUserConnects(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can act as another user")
	}
	s, told := started(t, nil)
	conn, err := dialAs(nobody, s.listener.Addr().(*net.TCPAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\n\r\n", path, conn.RemoteAddr(), s.Token().Reveal())
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("nobody is answered with %d, want 403", resp.StatusCode)
	}
	if got := strings.Join(told.refused(), "; "); !strings.Contains(got, "another user") {
		t.Errorf("events %q, want one about another user", got)
	}
}
