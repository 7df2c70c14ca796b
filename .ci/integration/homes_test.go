//go:build integration

package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// If HOME cannot be written, is not known, or is on a full disk, one sign-in still works and is reused.
func TestUnusableHomes(t *testing.T) {
	t.Parallel()
	for number, row := range []struct {
		name    string
		session bool // whether there is a /run/user/UID
		set     func(*machine)
	}{
		{"read-only", true, (*machine).makeHomeReadOnly},
		{"no HOME", true, func(m *machine) { m.env = m.without("HOME") }},
		{"no HOME and no session", false, func(m *machine) { m.env = m.without("HOME") }},
		{"full disk", true, func(m *machine) { m.fill("home") }},
		{"full disk and no session", false, func(m *machine) { m.fill("home") }},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, "bob", parts.dex)
			m.become(number, row.session)
			row.set(m)
			m.daypass("login")
			first := m.credentials()
			if second := m.credentials(); second != first {
				t.Error("the second credential differs")
			}
			m.wantVisits(1)
			m.wantOneAgent()
			m.daypass("logout")
			m.wantExit(4, "credentials", "--sign-in", "never")
		})
	}
}

// Without a directory for the lock, no tab is opened, and the error says what helps.
func TestNoPrivateDirectory(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "bob", parts.dex)
	m.become(5, false)
	m.makeHomeReadOnly()
	if said := m.wantExit(1, "credentials").stderr; !strings.Contains(said, "read-only") || !strings.Contains(said, "DAYPASS_RUNTIME_DIR=DIR") {
		t.Errorf("the error lacks the cause or the remedy:\n%s", said)
	}
	m.wantVisits(0)
	m.env = append(m.env, "DAYPASS_RUNTIME_DIR="+m.path("run"))
	m.credentials()
	m.wantVisits(1)
}

// Two users of one computer have separate agents, locks and sign-ins, and neither can access the other's.
func TestTwoUsers(t *testing.T) {
	t.Parallel()
	for _, session := range []bool{true, false} {
		t.Run(fmt.Sprintf("session %t", session), func(t *testing.T) {
			t.Parallel()
			alice, bob := newMachine(t, "alice", parts.dex), newMachine(t, "bob", parts.dex)
			alice.become(6, session)
			bob.become(7, session)
			var users sync.WaitGroup
			given := [2]result{}
			for i, m := range []*machine{alice, bob} {
				users.Go(func() { given[i] = m.run("daypass", "credentials") })
			}
			users.Wait()
			for i, m := range []*machine{alice, bob} {
				if !given[i].ok() {
					t.Fatal(given[i])
				}
				if m.credentials() != m.readKeys(given[i].stdout) {
					t.Error("the second credential differs")
				}
				m.wantVisits(1)
				m.wantOneAgent()
				m.wantNoLock()
			}
			if strings.Contains(alice.daypass("whoami").stdout, "bob") || strings.Contains(bob.daypass("whoami").stdout, "alice") {
				t.Error("both users have the same credential")
			}
			bob.wantNoAccess(alice)
			alice.wantNoAccess(bob)
		})
	}
}

// ping sends a ping to an agent without daypass, which would not connect to another user's agent.
const ping = `
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(5)
s.connect(sys.argv[1])
try:
    s.sendall(b"\xda\x01\x01" + bytes(14))
    answer = s.recv(100)
except (BrokenPipeError, ConnectionResetError):
    answer = b""
print("answered" if answer else "hung up on")`

// wantNoAccess checks that this machine's user gets nothing from the other's agent, even if the other's directory is
// open to all.
func (m *machine) wantNoAccess(other *machine) {
	m.t.Helper()
	socket := other.onlyFile("agent.sock")
	if r := other.run(debianPython, "-c", ping, socket); r.stdout != "answered\n" {
		m.t.Fatalf("the agent does not answer its own user: %s", r)
	}
	foreign := *m
	foreign.env = append(m.env[:len(m.env):len(m.env)], "DAYPASS_RUNTIME_DIR="+filepath.Dir(socket))
	for _, open := range []bool{false, true} {
		for _, args := range [][]string{{"credentials", "--sign-in", "never"}, {"agent", "status"}, {"agent", "stop"}} {
			if r := foreign.run("daypass", args...); r.code != 1 || r.stdout != "" {
				m.t.Errorf("open %t: daypass %v at another user's agent: %s\nwant exit 1", open, args, r)
			}
		}
		if r := m.run(debianPython, "-c", ping, socket); strings.Contains(r.stdout, "answered") || open && r.stdout != "hung up on\n" {
			m.t.Errorf("open %t: ping of another user's agent: %s", open, r)
		}
		for path := socket; path != parts.root; path = filepath.Dir(path) {
			m.must(os.Chmod(path, 0o777))
		}
	}
	other.wantOneAgent()
}

// wantOneAgent checks that one process, an agent, is left.
func (m *machine) wantOneAgent() {
	m.t.Helper()
	for deadline := time.Now().Add(stopDeadline); ; <-time.After(pollInterval) {
		all, agents := m.processes(), m.agents() // a background sign-in stays until the tab has its last page
		if len(all) == 1 && len(agents) == 1 {
			return
		}
		if time.Now().After(deadline) {
			m.t.Errorf("processes %v, among them the agents %v; want one, an agent", all, agents)
			return
		}
	}
}

// wantNoLock checks that no lock file is left, because each holder removes its own.
func (m *machine) wantNoLock() {
	m.t.Helper()
	m.must(filepath.WalkDir(m.dir, func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".lock") {
			m.t.Errorf("%s is left", path)
		}
		return err
	}))
}

// onlyFile returns the only file of that name below the machine's directory.
func (m *machine) onlyFile(pattern string) string {
	m.t.Helper()
	var found []string
	m.must(filepath.WalkDir(m.dir, func(path string, entry os.DirEntry, err error) error {
		if matches, _ := filepath.Match(pattern, filepath.Base(path)); matches {
			found = append(found, path)
		}
		return err
	}))
	if len(found) != 1 {
		m.t.Fatalf("files %v, want one like %s", found, pattern)
	}
	return found[0]
}

// makeHomeReadOnly makes the home read-only for the machine's user.
func (m *machine) makeHomeReadOnly() {
	home := m.path("home")
	m.account.mounts = []string{"mount --bind " + home + " " + home, "mount -o remount,bind,ro " + home}
}

// Cron and a desktop session of one user share the agent, the lock and the sign-in, although cron's programs have
// neither HOME nor XDG_RUNTIME_DIR nor the address of the bus.
func TestCronAndDesktop(t *testing.T) {
	t.Parallel()
	for _, session := range []bool{true, false} {
		t.Run(fmt.Sprintf("session %t", session), func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, "bob", parts.dex)
			m.become(map[bool]int{true: 8, false: 9}[session], session)
			m.env = append(m.env, "DISPLAY=:99")
			if session {
				m.env = append(m.env, fmt.Sprintf("XDG_RUNTIME_DIR=/run/user/%d", m.account.uid))
			}
			cron := *m
			cron.env = []string{}
			fromCron := []string{"credentials", "--config", m.path("config.toml")}

			cron.wantExit(4, fromCron...) // nobody can see a tab
			m.write("browser/away", "")
			desktop := m.start("daypass", "credentials", "--verbose")
			desktop.awaitText("signing in")
			waiting := cron.start("daypass", append(fromCron, "--verbose")...)
			waiting.awaitText("checking for a pending sign-in")
			m.must(os.Remove(m.path("browser/away")))
			first, second := desktop.end(), waiting.end()
			if !first.ok() || second.stdout != first.stdout {
				t.Errorf("the desktop's daypass: %s\ncron's, at the same time: %s", first, second)
			}
			if cron.readKeys(cron.daypass(fromCron...).stdout) != m.credentials() {
				t.Error("cron and the desktop have different credentials")
			}
			m.wantVisits(1)
			m.wantOneAgent()
			m.wantNoLock()
			cron.daypass("logout", "--config", m.path("config.toml"))
			m.wantExit(4, "credentials", "--sign-in", "never")
		})
	}
}

// fill mounts a full disk over that directory of the machine.
func (m *machine) fill(name string) {
	m.t.Helper()
	dir := m.path(name)
	r := m.asRoot("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=64k,mode=0700,uid=%d", m.account.uid), "none", dir)
	if !r.ok() {
		m.t.Skipf("mounting is not permitted here: %s", r)
	}
	m.t.Cleanup(func() {
		m.endProcesses()
		if r := m.asRoot("umount", "--lazy", dir); !r.ok() {
			m.t.Error(r)
		}
	})
	ballast, err := os.Create(filepath.Join(dir, "ballast"))
	m.must(err)
	defer ballast.Close()
	for err == nil {
		_, err = ballast.Write(make([]byte, 1024))
	}
	if !strings.Contains(err.Error(), "no space") {
		m.t.Fatal(err)
	}
}
