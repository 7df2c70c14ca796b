//go:build integration

package integration

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/sandbox"
)

// killPoints is the number of moments of a call at which something is killed.
const killPoints = 20

// killed starts daypass, and calls kill after point/killPoints of the time that the call takes.
func (m *machine) killed(point int, took time.Duration, kill func(*started), args ...string) result {
	m.t.Helper()
	call := m.start("daypass", args...)
	<-time.After(took * time.Duration(point) / killPoints)
	kill(call)
	return call.end()
}

// timed returns how long a call takes when nothing is killed.
func (m *machine) timed(args ...string) time.Duration {
	m.t.Helper()
	begin := time.Now()
	m.daypass(args...)
	return time.Since(begin)
}

// Killing the agent is not an error for a caller. With a keyring everything continues silently; without one the
// person signs in once more.
func TestAgentIsKilled(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		person  string
		keyring bool
	}{{"grace", true}, {"heidi", false}} {
		t.Run(fmt.Sprintf("keyring %t", row.keyring), func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, row.person, parts.dex)
			if row.keyring {
				m.startKeyring()
			}
			m.daypass("login")
			cached := m.timed("credentials")
			m.stopAgent()
			renewed := m.timed("credentials")
			for point := range killPoints {
				for _, took := range []time.Duration{cached, renewed} { // the second time the agent is dead, and another is started
					before := m.visits()
					if r := m.killed(point, took, func(*started) { m.killAgents() }, "credentials"); !r.ok() {
						t.Fatalf("killed at %d/%d of %v: %s", point, killPoints, took, r)
					}
					m.credentials()
					if opened := m.visits() - before; row.keyring && opened != 0 || opened > 2 {
						t.Errorf("killed at %d/%d of %v: %d tabs in two calls", point, killPoints, took, opened)
					}
				}
			}
			m.wantNoSecret()
		})
	}
}

// Killing the keyring is not an error either, because its values are in the agent as well.
func TestKeyringIsKilled(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "ivan", parts.dex)
	k := m.startKeyring()
	m.daypass("login")
	took := m.timed("login", "--again")
	for point := range killPoints {
		k.unlock()
		before := m.visits()
		if r := m.killed(point, took, func(*started) { k.kill() }, "login", "--again"); !r.ok() {
			t.Fatalf("killed at %d/%d: %s", point, killPoints, r)
		}
		m.credentials("--sign-in", "never")
		m.stopAgent()
		m.credentials()
		m.credentials("--sign-in", "never")
		if opened := m.visits() - before; opened > 2 {
			t.Errorf("killed at %d/%d: %d tabs, want one of login, and at most one more", point, killPoints, opened)
		}
	}
	m.wantNoSecret()
}

// If a caller is killed during a sign-in, the next caller gets its result and opens no second tab.
func TestCallerIsKilled(t *testing.T) {
	t.Parallel()
	took := newMachine(t, "alice", parts.dex).timed("credentials")
	for point := range killPoints {
		m := newMachine(t, "alice", parts.dex)
		m.killed(point, took, func(call *started) { call.kill() }, "credentials")
		before := m.visits()
		m.credentials()
		m.credentials("--sign-in", "never")
		if opened := m.visits() - before; before+opened == 0 || opened > 1 || before > 0 && opened > 0 {
			t.Errorf("killed at %d/%d of %v: %d tabs before and %d after that, want one:\n%s", point, killPoints, took, before, opened, m.visitLog())
		}
		m.wantNoSecret()
	}
}

// If the background process of a sign-in is killed, a waiting caller starts one other sign-in.
func TestSignInIsKilled(t *testing.T) {
	t.Parallel()
	took := newMachine(t, "alice", parts.dex).timed("credentials")
	for point := range killPoints {
		m := newMachine(t, "alice", parts.dex)
		r := m.killed(point, took, func(*started) { m.killSignIns() }, "credentials")
		if !r.ok() {
			t.Errorf("killed at %d/%d of %v: %s", point, killPoints, took, r)
		}
		m.credentials()
		m.credentials("--sign-in", "never")
		if opened := m.visits(); opened > 2 {
			t.Errorf("killed at %d/%d of %v: %d tabs, want two at most:\n%s", point, killPoints, took, opened, m.visitLog())
		}
		m.wantNoSecret()
	}
}

// If a caller is killed during a renewal, while it holds the login's lock and a single-use refresh token, the next
// call works or the person signs in once more.
func TestRenewalIsKilled(t *testing.T) {
	t.Parallel()
	c := newCloud(t, sandbox.Options{})
	m := newMachineAt(t, c)
	m.startKeyring()
	m.daypass("login")
	m.stopAgent()
	took := m.timed("credentials", "--sign-in", "never")
	for point := range killPoints {
		m.stopAgent()
		before := m.visits()
		m.killed(point, took, func(call *started) { call.kill() }, "credentials", "--sign-in", "never")
		m.credentials()
		m.credentials("--sign-in", "never")
		if opened := m.visits() - before; opened > 1 {
			t.Errorf("killed at %d/%d of %v: %d tabs, want one at most", point, killPoints, took, opened)
		}
	}
}

// If an SDK times out while the person is typing, they finish in the browser, and the next call has the credential
// without another tab.
func TestSignInOutlivesCaller(t *testing.T) {
	t.Parallel()
	for _, patience := range []time.Duration{3 * time.Second, time.Minute} {
		t.Run(patience.String(), func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, "alice", parts.dex)
			m.write("browser/away", "")
			call := m.start("daypass", "credentials", "--timeout", "5m")
			call.awaitText(startURL)
			<-time.After(patience)
			call.kill()
			m.wantNoSecret()
			m.must(os.Remove(m.path("browser/away")))
			m.credentials()
			m.credentials("--sign-in", "never")
			m.wantVisits(1)
			m.wantOneAgent()
		})
	}
}

// killSignIns kills the background processes of sign-ins.
func (m *machine) killSignIns() {
	for _, pid := range m.processes() {
		line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if strings.Contains(string(line), "\x00sign-in\x00") {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
