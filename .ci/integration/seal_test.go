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

// sealKept has the keyring seal what it holds (pkg/internal/keyring/sealer), and returns the one file that it is in.
func (m *machine) sealKept() string {
	m.t.Helper()
	key := regexp.MustCompile(`login/[0-9a-f]{32}`).FindString(m.kept())
	if r := m.run(filepath.Join(filepath.Dir(parts.daypass), "sealer"), key, m.sealDir()); !r.ok() {
		m.t.Fatalf("sealing what is kept under %q: %s", key, r)
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

// A refresh token that is too long for the keyring survives what one in it does, and leaves no more behind.
func TestRenewsFromASealedFile(t *testing.T) {
	t.Parallel()
	c := newCloud(t, sandbox.Options{})
	m := newMachineAt(t, c)
	m.startKeyring()
	m.daypass("login")
	token := regexp.MustCompile(`"refresh":"([^"]+)"`).FindStringSubmatch(m.kept())
	if token == nil {
		t.Fatal("secret-tool finds no refresh token of ours")
	}
	first := m.sealKept()
	content, err := os.ReadFile(first)
	m.must(err)
	wantNone(t, first, content, []string{token[1], "refresh", "alice"})
	wantNone(t, "the keyring", []byte(m.kept()), []string{token[1], "refresh", "alice"})

	m.reboot()
	m.credentials("--sign-in", "never")
	if files := m.sealedFiles(); len(files) != 0 || !strings.Contains(m.kept(), `"refresh":"`) {
		t.Errorf("the renewed token fits again, and the files %q are left (or it is not in the keyring)", files)
	}
	if second := m.sealKept(); second == first {
		t.Error("the file before was written again, and not another one")
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

// A sealed file that is gone is a sign-in that is gone: nothing else fails.
func TestSealedFileLost(t *testing.T) {
	t.Parallel()
	m := newMachineAt(t, newCloud(t, sandbox.Options{}))
	m.startKeyring()
	m.daypass("login")
	m.must(os.Remove(m.sealKept()))
	m.reboot()
	if r := m.run("daypass", "credentials", "--sign-in", "never"); r.code != 4 {
		t.Errorf("with the file gone: %s, want exit code 4", r)
	}
	m.daypass("login")
	m.wantVisits(2)
	m.reboot()
	m.credentials("--sign-in", "never")
}
