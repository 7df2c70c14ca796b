//go:build integration

package sandbox

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// cloud is a daypass-sandbox that serves.
type cloud struct {
	*machine
	cmd  *exec.Cmd
	gone chan struct{} // closed when it has ended
	// variables are those that it tells other shells to set, unset those to unset.
	variables map[string]string
	config    string // the config.toml it wrote
}

// overBoth runs a test against a sandbox over http, and one over https.
func overBoth(t *testing.T, test func(*cloud), flags ...string) {
	t.Parallel()
	t.Run("http", func(t *testing.T) {
		t.Parallel()
		test(newCloud(t, flags...))
	})
	t.Run("tls", func(t *testing.T) {
		t.Parallel()
		test(newCloud(t, append([]string{"--tls"}, flags...)...))
	})
}

// newCloud starts a sandbox, and stops it when the test ends. Then nothing of it may be left.
func newCloud(t *testing.T, flags ...string) *cloud {
	t.Helper()
	c := &cloud{machine: newMachine(t), gone: make(chan struct{})}
	c.cmd = c.sandbox(flags...)
	stdout, err := os.Create(c.path("stdout"))
	c.must(err)
	defer stdout.Close()
	stderr, err := os.Create(c.path("stderr"))
	c.must(err)
	defer stderr.Close()
	c.cmd.Stdout, c.cmd.Stderr = stdout, stderr
	c.must(c.cmd.Start())
	go func() {
		_ = c.cmd.Wait()
		close(c.gone)
	}()
	t.Cleanup(c.stop)
	c.await()
	c.variables = assignments(c.read("stdout"))
	config, err := os.ReadFile(c.variables["DAYPASS_CONFIG_FILE"])
	c.must(err)
	c.config = string(config)
	return c
}

// await waits for the last line that it prints at the start.
func (c *cloud) await() {
	c.t.Helper()
	ready := func() bool {
		select {
		case <-c.gone:
			return true
		default:
			return strings.Contains(c.read("stderr"), " sts get-caller-identity\n")
		}
	}
	if !eventually(startDeadline, ready) || c.cmd.ProcessState != nil {
		c.t.Fatalf("daypass-sandbox is not ready:\n%s", c.read("stderr"))
	}
}

// stop ends it like Ctrl-C.
func (c *cloud) stop() {
	if c.t.Failed() {
		c.t.Logf("the sandbox said:\n%s", c.read("stderr"))
	}
	_ = c.cmd.Process.Signal(os.Interrupt)
	select {
	case <-c.gone:
	case <-time.After(stopDeadline):
		c.t.Errorf("daypass-sandbox still runs %v after an interrupt", stopDeadline)
		_ = c.cmd.Process.Kill()
		<-c.gone
	}
	if code := c.cmd.ProcessState.ExitCode(); code != 0 {
		c.t.Errorf("daypass-sandbox ended with %d, want 0", code)
	}
	c.wantNothingLeft()
}

var assignment = regexp.MustCompile(`(?m)^export ([A-Z_0-9]+)='([^']*)';?$`)

// assignments parses the variables in a shell's syntax.
func assignments(text string) map[string]string {
	variables := map[string]string{}
	for _, found := range assignment.FindAllStringSubmatch(text, -1) {
		variables[found[1]] = found[2]
	}
	return variables
}

// logged counts the logged requests for a path or an operation.
func (c *cloud) logged(what string) int {
	c.t.Helper()
	return strings.Count(c.read("stderr"), " "+what+" ")
}

// wantLogged checks that such a request was logged, so that the test did what it claims.
func (c *cloud) wantLogged(operation string) {
	c.t.Helper()
	if c.logged(operation) == 0 {
		c.t.Errorf("no logged request for %s", operation)
	}
}

// setting returns the first value of that name in the config.toml.
func (c *cloud) setting(name string) string {
	c.t.Helper()
	found := regexp.MustCompile(`(?m)^` + name + ` *= "(.*)"$`).FindStringSubmatch(c.config)
	if found == nil {
		c.t.Fatalf("config.toml has no %s:\n%s", name, c.config)
	}
	return found[1]
}
