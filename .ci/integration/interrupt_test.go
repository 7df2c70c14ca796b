//go:build integration

package integration

import (
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
)

const startURL = `http://\S+/start\n`

// Dex's Cancel button does not return to daypass, so Ctrl-C must end the sign-in immediately and release the port.
func TestSignInIsInterrupted(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "alice", parts.dex)
	login := m.start("daypass", "login", "--no-browser")
	start, err := url.Parse(strings.TrimSpace(login.awaitText(startURL)))
	m.must(err)
	port := start.Host
	m.must(login.cmd.Process.Signal(os.Interrupt))
	if r := login.endWithin(stopDeadline); r.code != 130 {
		t.Errorf("after an interrupt: %s\nwant exit code 130", r)
	}
	listener, err := net.Listen("tcp", port)
	if err != nil {
		t.Fatalf("the port is still in use: %v", err)
	}
	listener.Close()
	m.wantVisits(0)
}
