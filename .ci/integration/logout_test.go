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

// After a sign-out during a renewal nothing is left in memory or in the keyring, and the refresh token of that
// renewal is revoked at the IdP.
func TestLogoutDuringRenewal(t *testing.T) {
	t.Parallel()
	const life = 2 * time.Second
	for name, prepare := range map[string]func(*machine){
		"memory":  func(*machine) { <-time.After(life + time.Second) },
		"keyring": (*machine).stopAgent,
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
			c.STS.SessionLife = time.Hour // the credential of the renewal would be valid for long
			renewal := m.renewSlowly(c)
			m.daypass("logout")
			m.readRenewed(<-renewal)
			m.wantSignedOut(c)
			m.wantVisits(1)
		})
	}
}

// Two environments share a keyring but no lock, such as a desktop and a container on it. A renewal in one does not
// restore a login that was signed out in the other.
func TestLogoutDuringRenewalWithoutCommonLock(t *testing.T) {
	t.Parallel()
	c := newCloud(t, sandbox.Options{TokenLife: time.Minute})
	m := newMachineAt(t, c)
	m.startKeyring()
	m.daypass("login")
	m.stopAgent()
	renewal := m.renewSlowly(c)
	elsewhere := *m
	m.must(os.Mkdir(m.path("elsewhere"), 0o700))
	elsewhere.env = append(m.env[:len(m.env):len(m.env)], "DAYPASS_RUNTIME_DIR="+m.path("elsewhere"))
	elsewhere.daypass("logout")
	if r := <-renewal; r.code != 4 || r.stdout != "" {
		t.Errorf("the renewal exited with %d and %d bytes on stdout, want 4 (sign-in required) and none:\n%s", r.code, len(r.stdout), r.stderr)
	}
	m.wantSignedOut(c)
	m.wantVisits(1)
}

// The same with dex, which has issued the new refresh token already and cannot revoke one.
func TestLogoutDuringRenewalWithDex(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "dave", parts.dex)
	m.startKeyring()
	m.daypass("login")
	m.stopAgent()
	held := parts.dex.recorder.hold(m.storedRefreshToken())
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
	m.wantSignInNeeded()
	m.wantVisits(1)
}

// stopAgent ends the agent, so that the next credential needs the keyring's refresh token.
func (m *machine) stopAgent() { m.daypass("agent", "stop") }

// renewSlowly returns when a renewal at a slow IdP is running. The channel receives its result.
func (m *machine) renewSlowly(c *sandbox.Sandbox) <-chan result {
	m.t.Helper()
	c.IdP.Set(func(k *sandbox.Knobs) { k.Delay = 2 * time.Second })
	before := c.IdP.Count("token:refresh_token")
	ended := make(chan result, 1)
	go func() { ended <- m.run("daypass", "credentials", "--sign-in", "never") }()
	for deadline := time.Now().Add(startDeadline); c.IdP.Count("token:refresh_token") == before; <-time.After(pollInterval) {
		if time.Now().After(deadline) {
			m.t.Fatal("no renewal started")
		}
	}
	return ended
}

// readRenewed accepts a credential, or exit code 4.
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

// wantSignedOut checks that nothing is left of the sign-in, neither here nor at the sandbox's IdP.
func (m *machine) wantSignedOut(c *sandbox.Sandbox) {
	m.t.Helper()
	m.wantSignInNeeded()
	if n := c.IdP.LiveGrants(); n != 0 {
		m.t.Errorf("%d refresh tokens still work at the IdP", n)
	}
}

// wantSignInNeeded checks that there is no credential without a sign-in.
func (m *machine) wantSignInNeeded() {
	m.t.Helper()
	m.wantExit(4, "credentials", "--sign-in", "never")
	if entries := m.keyringEntries(); strings.Contains(entries, `"refresh":"`) {
		m.t.Error("after the sign-out the keyring still has a refresh token")
	}
}

var refreshTokenInKeyring = regexp.MustCompile(`"refresh":"([^"]+)"`)

func (m *machine) storedRefreshToken() string {
	m.t.Helper()
	found := refreshTokenInKeyring.FindStringSubmatch(m.keyringEntries())
	if found == nil {
		m.t.Fatal("the keyring has no refresh token")
	}
	return found[1]
}

// await waits for the channel.
func (m *machine) await(done <-chan struct{}) {
	m.t.Helper()
	select {
	case <-done:
	case <-time.After(startDeadline):
		m.t.Fatalf("timed out after %v", startDeadline)
	}
}
