package connlimit

import (
	"net"
	"testing"
)

// Connections that were closed in the queue are not accepted. One that was closed after it sent something is.
func TestListenerDropsClosedConnections(t *testing.T) {
	t.Parallel()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	connect := func() net.Conn {
		conn, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	for range 20 {
		connect().Close()
		reset := connect().(*net.TCPConn)
		if err := reset.SetLinger(0); err != nil {
			t.Fatal(err)
		}
		reset.Close()
	}
	spoke := connect()
	if _, err := spoke.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	spoke.Close()
	live := connect()
	l := Listener(inner)
	for _, want := range []net.Conn{spoke, live} {
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if got, want := conn.RemoteAddr().String(), want.LocalAddr().String(); got != want {
			t.Errorf("accepted the connection from %s, want that from %s", got, want)
		}
	}
}
