//go:build integration

package sandbox

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// client is a program with an AWS SDK. Its argument is how many seconds to run; it prints the access key ID of each
// call.
type client struct {
	name    string
	command []string
	old     bool // Debian's, which does not read AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
}

// clients are programs that do not know daypass.
func clients(t *testing.T) []client {
	t.Helper()
	folder, err := filepath.Abs("../clients")
	if err != nil {
		t.Fatal(err)
	}
	caller := filepath.Join(t.TempDir(), "caller")
	build := exec.Command("go", "build", "-o", caller, ".")
	build.Dir = filepath.Join(folder, "go")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the Go client: %v\n%s", err, out)
	}
	// Node looks for modules beside the program.
	js := filepath.Join(parts.cache, "clients", t.Name()+".mjs")
	t.Cleanup(func() { os.Remove(js) })
	text, err := os.ReadFile(filepath.Join(folder, "js", "caller.mjs"))
	if err == nil {
		err = os.WriteFile(js, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return []client{
		{"go", []string{caller}, false},
		{"boto3", []string{"/usr/bin/python3", filepath.Join(folder, "caller.py")}, true},
		{"js", []string{"node", js}, false},
		{"aws", []string{"sh", filepath.Join(folder, "caller.sh")}, true},
	}
}

// lives is the number of successive credentials that a client must use.
const lives = 5

// wantLives checks that a client never failed, and used that many credentials.
func (c *cloud) wantLives(name string, r result) {
	c.t.Helper()
	keys := map[string]bool{}
	for line := range strings.Lines(r.stdout) {
		keys[strings.TrimSpace(line)] = true
	}
	if !r.ok() || len(keys) < lives {
		c.t.Errorf("%s used %d credentials, want at least %d, and no failed call: %s", name, len(keys), lives, r)
	}
}

// throughLives runs each client, with its environment and the words before it, until five credentials have expired.
// There is no browser, so a sign-in would fail.
func (c *cloud) throughLives(all []client, environ func(client) []string, before ...string) {
	seconds := strconv.Itoa(int((lives*sessionLife + sessionLife/2) / time.Second))
	results := make(chan func(), len(all))
	pages := c.logged("/authorize")
	for _, one := range all {
		go func() {
			words := append(append([]string{}, before...), append(one.command, seconds)...)
			r := c.in(environ(one), words[0], words[1:]...)
			results <- func() { c.wantLives(one.name, r) }
		}()
	}
	for range all {
		(<-results)()
	}
	if got := c.logged("/authorize"); got != pages {
		c.t.Errorf("%d sign-in requests, want 0", got-pages)
	}
}

// Programs with AWS's SDKs continue through five credentials, each with its own endpoint (exec).
func TestClientsThroughExec(t *testing.T) {
	t.Parallel()
	all, c := clients(t), newCloud(t, "--session-life", sessionLife.String())
	c.daypass("login")
	environ := []string{"AWS_ACCESS_KEY_ID=old", "AWS_CONFIG_FILE=/dev/null", "DAYPASS_BROWSER=/bin/false"}
	c.throughLives(all, func(client) []string { return environ }, c.program(), "daypass", "exec", "--renew", "--")
}

// The same with one endpoint for all programs (serve).
func TestClientsThroughServe(t *testing.T) {
	t.Parallel()
	all, c := clients(t), newCloud(t, "--session-life", sessionLife.String())
	c.daypass("login")
	s := c.serve("--token-file", c.path("token"))
	c.throughLives(all, func(one client) []string {
		environ := []string{"AWS_PROFILE=", "AWS_CONFIG_FILE=/dev/null", "DAYPASS_BROWSER=/bin/false"}
		for name, value := range s.variables {
			environ = append(environ, name+"="+value)
		}
		if one.old {
			environ = append(environ, "AWS_CONTAINER_AUTHORIZATION_TOKEN="+s.token())
		}
		return environ
	})
	s.stop()
	if strings.TrimSpace(s.said()) != "" {
		c.t.Errorf("serve reported: %s", s.said())
	}
}
