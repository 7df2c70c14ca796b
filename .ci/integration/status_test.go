//go:build integration

package integration

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/daypass/daypass/pkg/sandbox"
)

// statusDocument has the fields of daypass status --output json that the test checks.
type statusDocument struct {
	Logins []struct {
		State, Email string
		StoredIn     string `json:"stored_in"`
		Renews       bool
		Credentials  []struct {
			Profile string
		}
	}
	Agent   struct{ Running bool }
	Keyring struct{ State string }
}

func (m *machine) status() (s statusDocument) {
	m.t.Helper()
	m.must(json.Unmarshal([]byte(m.daypass("status", "--output", "json").stdout), &s))
	return s
}

// Status shows the contents of keyring and agent without starting an agent, and logout --all leaves nothing in either.
func TestStatusAndLogoutAll(t *testing.T) {
	t.Parallel()
	c := newCloud(t, sandbox.Options{})
	m := newMachineAt(t, c)
	m.startKeyring()
	if s := m.status(); len(s.Logins) != 0 || s.Agent.Running || s.Keyring.State != "available" {
		t.Errorf("status before any sign-in: %+v", s)
	}
	m.daypass("login")
	s := m.status()
	if len(s.Logins) != 1 || s.Logins[0].State != "signed-in" || s.Logins[0].StoredIn != "keyring" || !s.Logins[0].Renews ||
		len(s.Logins[0].Credentials) != 1 || !s.Agent.Running {
		t.Errorf("status after the sign-in: %+v", s)
	}

	m.reboot()
	s = m.status()
	if len(s.Logins) != 1 || s.Logins[0].StoredIn != "keyring" || len(s.Logins[0].Credentials) != 0 || s.Agent.Running {
		t.Errorf("status after a restart: %+v", s)
	}
	if running := m.processes(); len(running) != 0 {
		t.Errorf("status left %d processes behind", len(running))
	}

	m.daypass("logout", "--all", "--revoke")
	if entries := m.keyringEntries(); strings.Contains(entries, "refresh") {
		t.Errorf("logout --all left more than a mark in the keyring:\n%s", entries)
	}
	if s := m.status(); len(s.Logins) != 0 {
		t.Errorf("status after logout --all: %+v", s)
	}
	if r := m.run("daypass", "credentials", "--sign-in", "never"); r.code != 4 {
		t.Errorf("credentials after logout --all: %s", r)
	}
	if n := c.IdP.Count("revoke"); n != 1 {
		t.Errorf("the refresh token was revoked %d times, want once", n)
	}
}
