//go:build integration

package integration

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/daypass/daypass/pkg/sandbox"
)

// told is what the test looks at of daypass status --output json.
type told struct {
	Logins []struct {
		State, Email string
		StoredIn       string `json:"stored_in"`
		Renews       bool
		Credentials  []struct {
			Profile string
		}
	}
	Agent   struct{ Running bool }
	Keyring struct{ State string }
}

func (m *machine) status() (s told) {
	m.t.Helper()
	m.must(json.Unmarshal([]byte(m.daypass("status", "--output", "json").stdout), &s))
	return s
}

// Status tells what keyring and agent hold, without starting an agent, and logout --all leaves nothing in either.
func TestStatusAndLogoutAll(t *testing.T) {
	t.Parallel()
	c := newCloud(t, sandbox.Options{})
	m := newMachineAt(t, c)
	m.startKeyring()
	if s := m.status(); len(s.Logins) != 0 || s.Agent.Running || s.Keyring.State != "available" {
		t.Errorf("before any sign-in, status tells %+v", s)
	}
	m.daypass("login")
	s := m.status()
	if len(s.Logins) != 1 || s.Logins[0].State != "signed-in" || s.Logins[0].StoredIn != "keyring" || !s.Logins[0].Renews ||
		len(s.Logins[0].Credentials) != 1 || !s.Agent.Running {
		t.Errorf("signed in, status tells %+v", s)
	}

	m.reboot()
	s = m.status()
	if len(s.Logins) != 1 || s.Logins[0].StoredIn != "keyring" || len(s.Logins[0].Credentials) != 0 || s.Agent.Running {
		t.Errorf("after a restart, status tells %+v", s)
	}
	if running := m.processes(); len(running) != 0 {
		t.Errorf("status left %d processes behind", len(running))
	}

	m.daypass("logout", "--all", "--revoke")
	if kept := m.kept(); strings.Contains(kept, "refresh") {
		t.Errorf("logout --all left more than a mark in the keyring:\n%s", kept)
	}
	if s := m.status(); len(s.Logins) != 0 {
		t.Errorf("after logout --all, status tells %+v", s)
	}
	if r := m.run("daypass", "credentials", "--sign-in", "never"); r.code != 4 {
		t.Errorf("after logout --all, credentials: %s", r)
	}
	if n := c.IdP.Count("revoke"); n != 1 {
		t.Errorf("the refresh token was revoked %d times, want once", n)
	}
}
