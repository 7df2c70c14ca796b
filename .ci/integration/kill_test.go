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

// killPoints is at how many moments of a call something is killed.
const killPoints = 20

// killed starts daypass, and kills something when that part of the time has passed which the call takes.
func (m *machine) killed(point int, took time.Duration, kill func(*started), args ...string) result {
	m.t.Helper()
	call := m.start("daypass", args...)
	<-time.After(took * time.Duration(point) / killPoints)
	kill(call)
	return call.end()
}

// timed is how long a call takes when nothing is killed.
func (m *machine) timed(args ...string) time.Duration {
	m.t.Helper()
	begin := time.Now()
	m.daypass(args...)
	return time.Since(begin)
}

// The death of the agent is no caller's error. With a keyring everything goes on in silence; without one the
// person signs in anew, once.
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
			kept := m.timed("credentials")
			m.loseMemory()
			anew := m.timed("credentials")
			for point := range killPoints {
				for _, took := range []time.Duration{kept, anew} { // the second finds the agent dead, and starts another
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

// The death of the keyring is no error either: what it took is in the agent as well, until that goes.
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
		m.loseMemory()
		m.credentials()
		m.credentials("--sign-in", "never")
		if opened := m.visits() - before; opened > 2 {
			t.Errorf("killed at %d/%d: %d tabs, want that of login, and one more at most", point, killPoints, opened)
		}
	}
	m.wantNoSecret()
}

// A caller that is killed amid a sign-in leaves it to the next one, which opens no second tab.
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

// A sign-in's own process is killed, which holds the port and keeps others from opening a tab: whoever waits
// for it begins another, once.
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

// A caller that is killed amid a renewal holds the login's lock, and a refresh token that is good for one use:
// the next call works, or the person signs in anew, once.
func TestRenewalIsKilled(t *testing.T) {
	t.Parallel()
	c := newCloud(t, sandbox.Options{})
	m := newMachineAt(t, c)
	m.startKeyring()
	m.daypass("login")
	m.loseMemory()
	took := m.timed("credentials", "--sign-in", "never")
	for point := range killPoints {
		m.loseMemory()
		before := m.visits()
		m.killed(point, took, func(call *started) { call.kill() }, "credentials", "--sign-in", "never")
		m.credentials()
		m.credentials("--sign-in", "never")
		if opened := m.visits() - before; opened > 1 {
			t.Errorf("killed at %d/%d of %v: %d tabs, want one at most", point, killPoints, took, opened)
		}
	}
}

// An SDK loses its patience while the person is typing: they finish in the browser, and the next call has the
// credential and opens nothing.
func TestPersonOutlastsTheCaller(t *testing.T) {
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

// killSignIns kills the processes in which sign-ins go on.
func (m *machine) killSignIns() {
	for _, pid := range m.processes() {
		line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if strings.Contains(string(line), "\x00sign-in\x00") {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
