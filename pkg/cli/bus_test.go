package cli

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"
)

type busKey struct{}

// countedBus is a session bus that counts connections and closes them.
type countedBus struct {
	address string
	dials   atomic.Int64
}

// startBus is the command bus: it gives the script a session bus.
func startBus(ts *testscript.TestScript, _ bool, _ []string) {
	dir, err := os.MkdirTemp("", "bus")
	ts.Check(err)
	b := &countedBus{address: filepath.Join(dir, "bus")}
	listener, err := net.Listen("unix", b.address)
	ts.Check(err)
	ts.Defer(func() { listener.Close(); os.RemoveAll(dir) })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			b.dials.Add(1)
			conn.Close()
		}
	}()
	ts.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+b.address)
	*ts.Value(busKey{}).(**countedBus) = b
}

// dials checks whether the bus was dialled since the last check: dials, or ! dials.
func dials(ts *testscript.TestScript, none bool, _ []string) {
	b := *ts.Value(busKey{}).(**countedBus)
	conn, err := net.Dial("unix", b.address) // all earlier connections have been counted when this one is closed
	ts.Check(err)
	defer conn.Close()
	_, _ = io.Copy(io.Discard, conn)
	if others := b.dials.Swap(0) - 1; none != (others == 0) {
		ts.Fatalf("the session bus was dialled %d times, want none: %v", others, none)
	}
}
