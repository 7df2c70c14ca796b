//go:build integration

package sandbox

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
)

const (
	debianAWS = "/usr/bin/aws" // another aws may come first in PATH
	bucket    = "photos"
)

// environ returns the environment of a shell that has set the sandbox's variables. The browser signs in as alice
// automatically.
func (c *cloud) environ() []string {
	environ := c.environment("DAYPASS_BROWSER="+c.program(), "DAYPASS_SANDBOX_USER=alice")
	for name, value := range c.variables {
		environ = append(environ, name+"="+value)
	}
	return environ
}

// in runs a program in that environment. Variables in more override; those without a value are unset.
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

// daypass runs a command of daypass. The test ends if it fails.
func (c *cloud) daypass(args ...string) string {
	c.t.Helper()
	r := c.in(nil, c.program(), append([]string{"daypass"}, args...)...)
	if !r.ok() {
		c.t.Fatalf("daypass %s: %s", strings.Join(args, " "), r)
	}
	return r.stdout
}

// keys returns the variables of a profile's credential. AWS_PROFILE is unset.
func (c *cloud) keys(args ...string) []string {
	c.t.Helper()
	environ := []string{"AWS_CONFIG_FILE=/dev/null", "AWS_PROFILE="}
	for name, value := range assignments(c.daypass(append([]string{"env", "--shell", "sh"}, args...)...)) {
		environ = append(environ, name+"="+value)
	}
	return environ
}

// tryAWS runs the AWS CLI with explicit endpoints, because Debian's does not read AWS_ENDPOINT_URL_*.
func (c *cloud) tryAWS(more []string, args ...string) result {
	for _, arg := range args {
		if name := (map[string]string{"sts": "STS", "s3": "S3", "s3api": "S3", "cognito-identity": "COGNITO_IDENTITY"})[arg]; name != "" {
			return c.in(more, debianAWS, append([]string{"--endpoint-url", c.variables["AWS_ENDPOINT_URL_"+name]}, args...)...)
		}
	}
	c.t.Fatalf("%v names no service of the sandbox", args)
	return result{}
}

// aws runs the AWS CLI. The test ends if it fails.
func (c *cloud) aws(more []string, args ...string) string {
	c.t.Helper()
	r := c.tryAWS(more, args...)
	if !r.ok() {
		c.t.Fatalf("aws %.300s: %s", strings.Join(args, " "), r)
	}
	return r.stdout
}

// wantRefused checks that the AWS CLI fails with that error code of AWS.
func (c *cloud) wantRefused(code string, more []string, args ...string) {
	c.t.Helper()
	if r := c.tryAWS(more, args...); r.code <= 0 || !strings.Contains(r.stderr, code) {
		c.t.Errorf("aws %.300s: %s\nwant it refused with %s", strings.Join(args, " "), r, code)
	}
}

// client returns an HTTP client that trusts the sandbox's authority, if it has one.
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
