//go:build integration

package integration

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// attacker is an issuer that must never be asked, and the number of another user.
type attacker struct {
	*httptest.Server
	asked atomic.Int32
}

const attackerUID = firstUID + 90

func newAttacker(t *testing.T) *attacker {
	t.Helper()
	a := &attacker{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		a.asked.Add(1)
		http.NotFound(w, nil)
	}))
	t.Cleanup(a.Close)
	return a
}

// An index that another user planted makes no sign-out send anything to that user's issuer, and does not stop the
// person's sign-in.
func TestPlantedIndex(t *testing.T) {
	t.Parallel()
	for number, row := range []struct {
		name    string
		plant   func(m *machine, state, index string)
		warning string // of login and logout --all
	}{
		{"in the person's own file", func(m *machine, state, index string) {
			m.must(os.WriteFile(filepath.Join(state, "logins.json"), []byte(index), 0o600))
		}, ""},
		{"in a file of another user", func(m *machine, state, index string) {
			m.must(os.Remove(filepath.Join(state, "logins.json")))
			m.must(os.WriteFile(filepath.Join(state, "logins.json"), []byte(index), 0o644))
			m.must(os.Chown(filepath.Join(state, "logins.json"), attackerUID, attackerUID))
		}, "belongs to another user; remove it"},
		{"in a directory of another user", func(m *machine, state, index string) {
			m.must(os.WriteFile(filepath.Join(state, "logins.json"), []byte(index), 0o644))
			m.must(os.Chmod(state, 0o777))
			m.must(os.Chown(state, attackerUID, attackerUID))
		}, "belongs to another user; remove it, or set DAYPASS_STATE_DIR"},
		{"in a directory that all can write to", func(m *machine, state, index string) {
			m.must(os.WriteFile(filepath.Join(state, "logins.json"), []byte(index), 0o644))
			m.must(os.Chmod(state, 0o777))
		}, "chmod 700"},
		{"behind a link", func(m *machine, state, index string) {
			away := m.path("elsewhere")
			m.must(os.Rename(state, away))
			m.must(os.Symlink(away, state))
			m.must(os.WriteFile(filepath.Join(away, "logins.json"), []byte(index), 0o644))
		}, "is a symbolic link"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, "alice", parts.dex)
			m.become(20+number, true)
			m.daypass("login")
			evil := newAttacker(t)
			state := m.path("home/.local/state/daypass")
			index, err := os.ReadFile(filepath.Join(state, "logins.json"))
			m.must(err)
			planted := strings.ReplaceAll(string(index), parts.dex.url, evil.URL)
			if planted == string(index) {
				t.Fatalf("the index does not name the issuer: %s", index)
			}
			row.plant(m, state, planted)

			again := m.daypass("login", "--again")
			if !strings.Contains(again.stderr, row.warning) || !strings.Contains(again.stderr, "Signed in") {
				t.Errorf("login does not sign in with the warning %q:\n%s", row.warning, again.stderr)
			}
			if row.warning == "" {
				row.plant(m, state, planted) // the login has repaired it
			}
			// Another configuration, so that only the index knows the login.
			other := *m
			other.env = append(m.without("DAYPASS_CONFIG_FILE"), "DAYPASS_CONFIG_FILE="+m.path("no.toml"))
			if out := other.daypass("logout", "--all"); !strings.Contains(out.stderr, row.warning) {
				t.Errorf("logout --all lacks the warning %q:\n%s", row.warning, out.stderr)
			}
			if n := evil.asked.Load(); n != 0 {
				t.Errorf("the planted issuer got %d requests", n)
			}
			m.credentials()
		})
	}
}

// A pipe in place of a lock ends a command with an error or a warning. It does not make it wait.
func TestPipeAsLock(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "alice", parts.dex)
	state := m.path("home/.local/state/daypass")
	m.must(os.MkdirAll(state, 0o700))
	m.must(syscall.Mkfifo(filepath.Join(state, "logins.lock"), 0o600))
	if r := m.runFor(startDeadline, "daypass", "login"); !r.ok() || !strings.Contains(r.stderr, "logins.lock: not a regular file; remove it") {
		t.Errorf("login with a pipe as logins.lock: %s\nwant a sign-in and a warning", r)
	}
}
