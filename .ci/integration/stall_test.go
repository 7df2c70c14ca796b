//go:build integration

package integration

import (
	"syscall"
	"testing"
	"time"
)

// An agent that does not run for a moment, as on an overloaded machine, is waited for, and no browser opens because
// of that.
func TestAgentStalls(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "alice", parts.dex)
	first := m.credentials()
	agents := m.agents()
	if len(agents) != 1 {
		t.Fatalf("agents %v, want one", agents)
	}
	m.must(syscall.Kill(agents[0], syscall.SIGSTOP))
	call := m.start("daypass", "credentials", "--verbose")
	call.awaitText("reading the cache")
	<-time.After(500 * time.Millisecond)
	m.must(syscall.Kill(agents[0], syscall.SIGCONT))
	if r := call.end(); !r.ok() || m.readKeys(r.stdout) != first {
		t.Errorf("while the agent stalls: %s", r.stderr)
	}
	m.wantVisits(1)
}
