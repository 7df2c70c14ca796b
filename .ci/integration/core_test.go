//go:build integration

package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A daypass that crashes leaves no core dump, even if the user allows any size: neither the caller, nor the
// background sign-in, nor the agent.
func TestNoCore(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGABRT, syscall.SIGSEGV, syscall.SIGQUIT} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, "alice", parts.dex)
			m.needCores()
			m.write("browser/away", "")
			call := m.start("sh", "-c", `ulimit -c unlimited; exec "$0" "$@"`, m.path("bin/daypass"), "credentials")
			call.awaitText(startURL)
			if n := len(m.processes()); n != 3 {
				t.Errorf("%d processes, want the caller, the sign-in and the agent", n)
			}
			m.end(signal)
			m.wantNoCore(call.end().stderr)
			m.must(os.Remove(m.path("browser/away")))
			m.daypass("login")
			m.end(signal)
			m.wantNoCore("")
		})
	}
}

// needCores skips the test if a crash leaves no core dump that the test can find.
func (m *machine) needCores() {
	m.t.Helper()
	r := m.run("sh", "-c", `ulimit -c unlimited; sh -c 'kill -SEGV $$'; ls core* && rm core*`)
	if !strings.HasPrefix(r.stdout, "core") {
		m.t.Skipf("no core dumps here (kernel.core_pattern, ulimit -c): %s", r)
	}
}

// end sends the signal to all of the machine's processes and waits for their exit.
func (m *machine) end(signal syscall.Signal) {
	m.t.Helper()
	for deadline := time.Now().Add(stopDeadline); len(m.processes()) > 0; <-time.After(pollInterval) {
		for _, pid := range m.processes() {
			_ = syscall.Kill(pid, signal)
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("processes %v did not exit after %v", m.processes(), signal)
		}
	}
}

// wantNoCore checks that the processes left no core dump in their directories, and that their output has no secret.
func (m *machine) wantNoCore(said string) {
	m.t.Helper()
	for _, dir := range []string{m.path("home"), m.path("run"), "/"} {
		for _, pattern := range []string{"core", "core.*"} {
			if cores, _ := filepath.Glob(filepath.Join(dir, pattern)); len(cores) > 0 {
				m.t.Errorf("core dumps: %q", cores)
			}
		}
	}
	wantNone(m.t, "what was said", []byte(said), parts.secrets())
	m.wantNoSecret()
}

// Other programs of the same user cannot read the agent's memory: not with a debugger, and not through /proc.
func TestAgentCannotBeInspected(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "bob", parts.dex)
	m.become(10, true)
	m.credentials()
	m.wantOneAgent()
	if r := m.run("sh", "-c", "cat /proc/self/maps /proc/self/environ"); !r.ok() || r.stdout == "" {
		t.Fatalf("/proc cannot be read here: %s", r)
	}
	for _, pid := range m.agents() {
		for _, name := range []string{"maps", "mem", "environ"} {
			if r := m.run("cat", fmt.Sprintf("/proc/%d/%s", pid, name)); r.code != 1 || !strings.Contains(r.stderr, "Permission denied") {
				t.Errorf("reading the agent's %s: %.300s", name, r)
			}
		}
	}
}
