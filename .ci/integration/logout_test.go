//go:build integration

package integration

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/sandbox"
)

// Who signs out while a renewal is in flight is signed out: nothing answers afterwards, not memory, not the
// keyring, and not the IdP, for the refresh token that the renewal got is dead too.
func TestLogoutDuringRenewal(t *testing.T) {
	t.Parallel()
	const life = 2 * time.Second
	for name, prepare := range map[string]func(*machine){
		"memory":  func(*machine) { <-time.After(life + time.Second) },
		"keyring": (*machine).loseMemory,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, sandbox.Options{SessionLife: life, TokenLife: time.Minute})
			m := newMachineAt(t, c)
			if name == "keyring" {
				m.startKeyring()
			}
			m.daypass("login")
			prepare(m)
			c.STS.SessionLife = time.Hour // what the renewal brings would answer for long
			renewal := m.renewSlowly(c)
			m.daypass("logout")
			m.readRenewed(<-renewal)
			m.wantSignedOut(c)
			m.wantVisits(1)
		})
	}
}

// Two places that share a keyring and no lock, such as a desktop and a container on it: what is signed out
// in one is not brought back by the renewal that is in flight in the other.
func TestLogoutElsewhereDuringRenewal(t *testing.T) {
	t.Parallel()
	c := newCloud(t, sandbox.Options{TokenLife: time.Minute})
	m := newMachineAt(t, c)
	m.startKeyring()
	m.daypass("login")
	m.loseMemory()
	renewal := m.renewSlowly(c)
	elsewhere := *m
	m.must(os.Mkdir(m.path("elsewhere"), 0o700))
	elsewhere.env = append(m.env[:len(m.env):len(m.env)], "DAYPASS_RUNTIME_DIR="+m.path("elsewhere"))
	elsewhere.daypass("logout")
	if r := <-renewal; r.code != 4 || r.stdout != "" {
		t.Errorf("the renewal ended with %d and %d bytes on stdout, want 4 (sign-in required) and none:\n%s", r.code, len(r.stdout), r.stderr)
	}
	m.wantSignedOut(c)
	m.wantVisits(1)
}

// The same at dex, which has handed out the new refresh token already and revokes none.
func TestLogoutDuringRenewalAtDex(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "dave", parts.dex)
	m.startKeyring()
	m.daypass("login")
	m.loseMemory()
	held := parts.dex.witness.hold(m.keptRefreshToken())
	renewal := make(chan result, 1)
	go func() { renewal <- m.run("daypass", "credentials", "--sign-in", "never") }()
	m.await(held.arrived)
	logout := m.start("daypass", "logout", "--verbose")
	logout.awaitText("waiting for the lock")
	close(held.release)
	m.readRenewed(<-renewal)
	if r := logout.end(); !r.ok() {
		t.Fatalf("logout: %s", r)
	}
	m.wantForgotten()
	m.wantVisits(1)
}

// loseMemory ends the agent: what it kept is gone, and the next credential comes of the keyring's refresh token.
func (m *machine) loseMemory() { m.daypass("agent", "stop") }

// renewSlowly returns when a renewal is in flight, which a slow IdP holds up; its end is in the channel.
func (m *machine) renewSlowly(c *sandbox.Sandbox) <-chan result {
	m.t.Helper()
	c.IdP.Set(func(k *sandbox.Knobs) { k.Delay = 2 * time.Second })
	before := c.IdP.Count("token:refresh_token")
	ended := make(chan result, 1)
	go func() { ended <- m.run("daypass", "credentials", "--sign-in", "never") }()
	for deadline := time.Now().Add(startDeadline); c.IdP.Count("token:refresh_token") == before; <-time.After(pollInterval) {
		if time.Now().After(deadline) {
			m.t.Fatal("no renewal begins")
		}
	}
	return ended
}

// readRenewed takes a credential, or that none was to be had any more.
func (m *machine) readRenewed(r result) {
	m.t.Helper()
	if r.code == 4 && r.stdout == "" {
		return
	}
	if !r.ok() {
		m.t.Fatalf("the renewal: %s", r)
	}
	m.readKeys(r.stdout)
}

// wantSignedOut wants nothing left of the sign-in, here and at the sandbox's IdP.
func (m *machine) wantSignedOut(c *sandbox.Sandbox) {
	m.t.Helper()
	m.wantForgotten()
	if n := c.IdP.LiveGrants(); n != 0 {
		m.t.Errorf("%d refresh tokens work on at the IdP", n)
	}
}

// wantForgotten wants that nothing answers without a person.
func (m *machine) wantForgotten() {
	m.t.Helper()
	m.wantExit(4, "credentials", "--sign-in", "never")
	if kept := m.kept(); strings.Contains(kept, `"refresh":"`) {
		m.t.Error("signed out, the keyring still has a refresh token")
	}
}

var refreshTokenInKeyring = regexp.MustCompile(`"refresh":"([^"]+)"`)

func (m *machine) keptRefreshToken() string {
	m.t.Helper()
	found := refreshTokenInKeyring.FindStringSubmatch(m.kept())
	if found == nil {
		m.t.Fatal("the keyring has no refresh token")
	}
	return found[1]
}

// await waits until that is done.
func (m *machine) await(done <-chan struct{}) {
	m.t.Helper()
	select {
	case <-done:
	case <-time.After(startDeadline):
		m.t.Fatalf("nothing happens within %v", startDeadline)
	}
}
