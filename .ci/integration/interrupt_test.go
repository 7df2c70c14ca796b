//go:build integration

package integration

import (
	"bytes"
	"net"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"
)

var startURL = regexp.MustCompile(`http://\S+/start`)

// dex's Cancel never comes back to daypass, so it must be interruptible: at once, with the port free.
func TestSignInIsInterrupted(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "alice", parts.dex)
	cmd := exec.Command(m.path("bin/daypass"), "login", "--no-browser")
	cmd.Env = m.env
	stderr, err := os.Create(m.path("stderr"))
	m.must(err)
	defer stderr.Close()
	cmd.Stderr = stderr
	m.must(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()

	port := m.awaitStartURL().Host
	m.must(cmd.Process.Signal(os.Interrupt))
	select {
	case <-ended:
	case <-time.After(stopDeadline):
		m.must(cmd.Process.Kill())
		t.Fatalf("daypass goes on %v after an interrupt", stopDeadline)
	}
	if got := cmd.ProcessState.ExitCode(); got != 130 {
		t.Errorf("exit code %d, want 130", got)
	}
	listener, err := net.Listen("tcp", port)
	if err != nil {
		t.Fatalf("the port is still held: %v", err)
	}
	listener.Close()
	m.wantVisits(0)
}

// awaitStartURL waits until daypass has said where to go.
func (m *machine) awaitStartURL() *url.URL {
	m.t.Helper()
	for deadline := time.Now().Add(startDeadline); time.Now().Before(deadline); <-time.After(pollInterval) {
		said, err := os.ReadFile(m.path("stderr"))
		m.must(err)
		if found := startURL.Find(said); found != nil && bytes.HasSuffix(said, []byte("\n")) {
			start, err := url.Parse(string(found))
			m.must(err)
			return start
		}
	}
	m.t.Fatalf("daypass names no URL within %v", startDeadline)
	return nil
}
