//go:build integration

package integration

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/daypass/daypass/pkg/sandbox"
)

// sealEntry seals the keyring's value in a file (pkg/internal/keyring/sealer) and returns that file.
func (m *machine) sealEntry() string {
	m.t.Helper()
	key := regexp.MustCompile(`login/[0-9a-f]{32}`).FindString(m.keyringEntries())
	if r := m.run(filepath.Join(filepath.Dir(parts.daypass), "sealer"), key, m.sealDir()); !r.ok() {
		m.t.Fatalf("sealing the value of %q: %s", key, r)
	}
	files := m.sealedFiles()
	if len(files) != 1 {
		m.t.Fatalf("sealed files %q, want one", files)
	}
	return files[0]
}

func (m *machine) sealDir() string { return m.path("home/.local/state/daypass/sealed") }

func (m *machine) sealedFiles() []string {
	files, err := filepath.Glob(m.sealDir() + "/*")
	m.must(err)
	return files
}

// A refresh token in a sealed file is renewed, read after a reboot and deleted like one in the keyring.
func TestRenewsFromSealedFile(t *testing.T) {
	t.Parallel()
	c := newCloud(t, sandbox.Options{})
	m := newMachineAt(t, c)
	m.startKeyring()
	m.daypass("login")
	token := regexp.MustCompile(`"refresh":"([^"]+)"`).FindStringSubmatch(m.keyringEntries())
	if token == nil {
		t.Fatal("secret-tool finds no refresh token of daypass")
	}
	first := m.sealEntry()
	content, err := os.ReadFile(first)
	m.must(err)
	wantNone(t, first, content, []string{token[1], "refresh", "alice"})
	wantNone(t, "the keyring", []byte(m.keyringEntries()), []string{token[1], "refresh", "alice"})

	m.reboot()
	m.credentials("--sign-in", "never")
	if files := m.sealedFiles(); len(files) != 0 || !strings.Contains(m.keyringEntries(), `"refresh":"`) {
		t.Errorf("after a renewal with a short token the files %q are left, or the token is not in the keyring", files)
	}
	if second := m.sealEntry(); second == first {
		t.Error("the previous file was written again instead of a new one")
	}

	m.daypass("logout")
	if files := m.sealedFiles(); len(files) != 0 {
		t.Errorf("signing out left %q", files)
	}
	if r := m.run("daypass", "credentials", "--sign-in", "never"); r.code != 4 || r.stdout != "" {
		t.Errorf("after signing out: exit code %d and %d bytes on stdout, want 4 and none:\n%s", r.code, len(r.stdout), r.stderr)
	}
	m.wantVisits(1)
}

// If the sealed file is missing, a sign-in is needed, and nothing else fails.
func TestSealedFileLost(t *testing.T) {
	t.Parallel()
	m := newMachineAt(t, newCloud(t, sandbox.Options{}))
	m.startKeyring()
	m.daypass("login")
	m.must(os.Remove(m.sealEntry()))
	m.reboot()
	if r := m.run("daypass", "credentials", "--sign-in", "never"); r.code != 4 {
		t.Errorf("without the file: %s, want exit code 4", r)
	}
	m.daypass("login")
	m.wantVisits(2)
	m.reboot()
	m.credentials("--sign-in", "never")
}
