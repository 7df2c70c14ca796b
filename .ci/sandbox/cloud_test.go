//go:build integration

package sandbox

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	debianAWS = "/usr/bin/aws" // another `aws` may come first on PATH
	bucket    = "photos"
)

// cloud is a daypass-sandbox that serves.
type cloud struct {
	*machine
	cmd  *exec.Cmd
	gone chan struct{} // closed when it has ended
	// variables are what it tells other shells to set, and unset what to forget.
	variables map[string]string
	config    string // the config.toml it wrote
}

// overBoth runs a test against a sandbox that speaks http, and against one that speaks https.
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

// newCloud starts a sandbox. The end of the test ends it, and looks for what it left.
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

// await waits for the last line of what it says at the start.
func (c *cloud) await() {
	c.t.Helper()
	ready := func() bool {
		select {
		case <-c.gone:
			return true
		default:
			return strings.Contains(c.read("stderr"), "aws sts get-caller-identity\n")
		}
	}
	if !eventually(startDeadline, ready) || c.cmd.ProcessState != nil {
		c.t.Fatalf("daypass-sandbox does not serve:\n%s", c.read("stderr"))
	}
}

// stop ends it as Ctrl-C does.
func (c *cloud) stop() {
	if c.t.Failed() {
		c.t.Logf("the sandbox said:\n%s", c.read("stderr"))
	}
	_ = c.cmd.Process.Signal(os.Interrupt)
	select {
	case <-c.gone:
	case <-time.After(stopDeadline):
		c.t.Errorf("daypass-sandbox goes on %v after an interrupt", stopDeadline)
		_ = c.cmd.Process.Kill()
		<-c.gone
	}
	if code := c.cmd.ProcessState.ExitCode(); code != 0 {
		c.t.Errorf("daypass-sandbox ended with %d, want 0", code)
	}
	c.wantNothingLeft()
}

var assignment = regexp.MustCompile(`(?m)^export ([A-Z_0-9]+)='([^']*)';?$`)

// assignments reads what a shell would evaluate.
func assignments(text string) map[string]string {
	variables := map[string]string{}
	for _, found := range assignment.FindAllStringSubmatch(text, -1) {
		variables[found[1]] = found[2]
	}
	return variables
}

// environ is that of a shell that took the variables over. The browser signs in as alice by itself.
func (c *cloud) environ() []string {
	environ := c.environment("DAYPASS_BROWSER="+c.program(), "DAYPASS_SANDBOX_USER=alice")
	for name, value := range c.variables {
		environ = append(environ, name+"="+value)
	}
	return environ
}

// in runs a program there. Variables in more win, and those without a value there are unset.
func (c *cloud) in(more []string, name string, args ...string) result {
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Dir = append(c.environ(), more...), c.path("home")
	for _, entry := range more {
		if strings.HasSuffix(entry, "=") {
			cmd.Env = slices.DeleteFunc(cmd.Env, func(have string) bool { return strings.HasPrefix(have, entry) })
		}
	}
	return run(cmd)
}

// daypass runs a command of daypass, and ends the test if that fails.
func (c *cloud) daypass(args ...string) string {
	c.t.Helper()
	r := c.in(nil, c.program(), append([]string{"daypass"}, args...)...)
	if !r.ok() {
		c.t.Fatalf("daypass %s: %s", strings.Join(args, " "), r)
	}
	return r.stdout
}

// keys are those of a profile, as a shell has them. With keys goes no profile.
func (c *cloud) keys(args ...string) []string {
	c.t.Helper()
	environ := []string{"AWS_CONFIG_FILE=/dev/null", "AWS_PROFILE="}
	for name, value := range assignments(c.daypass(append([]string{"env", "--shell", "sh"}, args...)...)) {
		environ = append(environ, name+"="+value)
	}
	return environ
}

// tryAWS runs the AWS CLI. Debian's knows no AWS_ENDPOINT_URL_*, so that each service is named.
func (c *cloud) tryAWS(more []string, args ...string) result {
	for _, arg := range args {
		if name := (map[string]string{"sts": "STS", "s3": "S3", "s3api": "S3", "cognito-identity": "COGNITO_IDENTITY"})[arg]; name != "" {
			return c.in(more, debianAWS, append([]string{"--endpoint-url", c.variables["AWS_ENDPOINT_URL_"+name]}, args...)...)
		}
	}
	c.t.Fatalf("%v is for no service of the sandbox", args)
	return result{}
}

// aws ends the test if the AWS CLI fails.
func (c *cloud) aws(more []string, args ...string) string {
	c.t.Helper()
	r := c.tryAWS(more, args...)
	if !r.ok() {
		c.t.Fatalf("aws %.300s: %s", strings.Join(args, " "), r)
	}
	return r.stdout
}

// wantRefused wants the AWS CLI to end with that error code of AWS's.
func (c *cloud) wantRefused(code string, more []string, args ...string) {
	c.t.Helper()
	if r := c.tryAWS(more, args...); r.code <= 0 || !strings.Contains(r.stderr, code) {
		c.t.Errorf("aws %.300s: %s\nwant it refused with %s", strings.Join(args, " "), r, code)
	}
}

// wantLogged wants the sandbox to have served that operation, so that a test did what it says.
func (c *cloud) wantLogged(operation string) {
	c.t.Helper()
	if !strings.Contains(c.read("stderr"), " "+operation+" ") {
		c.t.Errorf("nobody asked for %s", operation)
	}
}

// client trusts the sandbox's authority, if it has one.
func (c *cloud) client() *http.Client {
	c.t.Helper()
	bundle := c.variables["AWS_CA_BUNDLE"]
	if bundle == "" {
		return &http.Client{}
	}
	pem, err := os.ReadFile(bundle)
	c.must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
}

// setting is the first value of that name in the config.toml.
func (c *cloud) setting(name string) string {
	c.t.Helper()
	found := regexp.MustCompile(`(?m)^` + name + ` *= "(.*)"$`).FindStringSubmatch(c.config)
	if found == nil {
		c.t.Fatalf("config.toml has no %s:\n%s", name, c.config)
	}
	return found[1]
}
