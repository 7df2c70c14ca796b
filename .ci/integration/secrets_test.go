//go:build integration

package integration

import (
	"bytes"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Without a keyring all secrets are in the agent's memory only: none is in a file, a command line or the output. The
// test is not parallel, so that most recorded tokens are its own.
func TestNoSecretsInFiles(t *testing.T) {
	m := newMachine(t, "alice", parts.dex)
	said := m.daypass("login", "--verbose").stderr
	k := m.credentials()
	m.daypass("env")
	said += m.daypass("upload", "--verbose", m.write("home/secrets.txt", "hello")).stderr
	said += m.daypass("whoami", "--verbose").stdout
	secrets := append([]string{k.SecretAccessKey, k.SessionToken}, parts.secrets()...)
	if len(secrets) < 5 {
		t.Fatalf("%d secrets to look for: the recorder of dex saw no tokens", len(secrets))
	}
	if len(m.processes()) == 0 {
		t.Error("no agent is running, so the test checks nothing")
	}

	files := 0
	for path, content := range m.files() {
		files++
		wantNone(t, path, content, secrets)
	}
	if files < 4 {
		t.Errorf("only %d files were read", files)
	}
	for path, content := range commandLines() {
		wantNone(t, path, content, secrets)
	}
	wantNone(t, "what was said", []byte(said), secrets)

	m.daypass("logout")
	for path, content := range m.files() {
		wantNone(t, path, content, secrets)
	}
}

// Every user of the machine can see the browser's arguments, so they contain nothing of the flow.
func TestBrowserArgumentsHaveNoSecret(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "alice", parts.dex)
	m.daypass("login")
	line, _, _ := strings.Cut(m.visitLog(), "\n")
	start, err := url.Parse(strings.TrimPrefix(line, "visit "))
	if err != nil {
		t.Fatal(err)
	}
	if start.Hostname() != "127.0.0.1" || start.RawQuery != "" {
		t.Errorf("the browser got %q, want a page on 127.0.0.1 without a query", start)
	}
}

func wantNone(t *testing.T, where string, content []byte, secrets []string) {
	t.Helper()
	for _, secret := range secrets {
		if bytes.Contains(content, []byte(secret)) {
			t.Errorf("%s contains a secret that begins with %.3q", where, secret)
		}
	}
}

// wantNoSecret checks that no recorded secret is in a file of this machine, in the command line of any process, or in
// the environment of its own processes.
func (m *machine) wantNoSecret() {
	m.t.Helper()
	secrets := parts.secrets()
	places := m.files()
	maps.Copy(places, commandLines())
	for _, pid := range m.processes() {
		path := fmt.Sprintf("/proc/%d/environ", pid)
		if content, err := os.ReadFile(path); err == nil {
			places[path] = content
		}
	}
	for path, content := range places {
		wantNone(m.t, path, content, secrets)
	}
}

// files returns all files of this machine except the binaries.
func (m *machine) files() map[string][]byte {
	m.t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(m.dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || strings.HasPrefix(path, m.path("bin")) {
			return err
		}
		content, err := os.ReadFile(path)
		found[path] = content
		return err
	})
	m.must(err)
	return found
}

// commandLines returns the command lines of all processes, except those that exit meanwhile.
func commandLines() map[string][]byte {
	found := map[string][]byte{}
	paths, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range paths {
		if content, err := os.ReadFile(path); err == nil {
			program, _, _ := strings.Cut(string(content), "\x00")
			found[path+" of "+program] = content
		}
	}
	return found
}
