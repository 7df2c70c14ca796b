//go:build integration

package sandbox

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// served is a running `daypass serve`.
type served struct {
	c         *cloud
	cmd       *exec.Cmd
	variables map[string]string
	log       string
}

// serve starts one and reads all variables that it prints. There is no browser.
func (c *cloud) serve(args ...string) *served {
	c.t.Helper()
	s := &served{c: c, log: c.path("serve.log")}
	s.cmd = exec.Command(c.program(), append([]string{"daypass", "serve", "--shell", "sh"}, args...)...)
	s.cmd.Env = append(c.environ(), "DAYPASS_BROWSER=/bin/false")
	out, err := s.cmd.StdoutPipe()
	c.must(err)
	log, err := os.Create(s.log)
	c.must(err)
	defer log.Close()
	s.cmd.Stderr = log
	c.must(s.cmd.Start())
	c.t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	text, err := io.ReadAll(out)
	c.must(err)
	s.variables = assignments(string(text))
	if s.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] == "" {
		c.t.Fatalf("serve prints no address: %s", s.said())
	}
	return s
}

func (s *served) said() string {
	s.c.t.Helper()
	text, err := os.ReadFile(s.log)
	s.c.must(err)
	return string(text)
}

// stop ends it as a service manager does.
func (s *served) stop() {
	s.c.t.Helper()
	s.c.must(s.cmd.Process.Signal(syscall.SIGTERM))
	if err := s.cmd.Wait(); err != nil {
		s.c.t.Errorf("serve after the signal: %v, want exit code 0", err)
	}
}

func (s *served) token() string {
	s.c.t.Helper()
	return s.c.read("token")
}

// TestStrangers sends requests that no SDK would: each is refused, logged, and gets no information.
func TestStrangers(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.daypass("login")
	s := c.serve("--token-file", c.path("token"))
	url, token := s.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"], s.token()
	var seen strings.Builder
	for _, row := range []struct {
		name, told string
		change     func(*http.Request)
	}{
		{"no token", "has no Authorization header", func(r *http.Request) { r.Header.Del("Authorization") }},
		{"another token", "does not have this server's token", func(r *http.Request) { r.Header.Set("Authorization", "x") }},
		{"foreign Host", "names no loopback address", func(r *http.Request) { r.Host = "evil.example" }},
		{"Origin", "from a browser", func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }},
		{"POST", "is not GET", func(r *http.Request) { r.Method = "POST" }},
	} {
		r, err := http.NewRequest("GET", url, nil)
		c.must(err)
		r.Header.Set("Authorization", token)
		row.change(r)
		resp, err := http.DefaultClient.Do(r)
		c.must(err)
		body, err := io.ReadAll(resp.Body)
		c.must(err)
		resp.Body.Close()
		seen.Write(body)
		if resp.StatusCode < 400 || resp.StatusCode > 499 {
			t.Errorf("%s: status %d, want 4xx", row.name, resp.StatusCode)
		}
		if !eventually(time.Second, func() bool { return strings.Contains(s.said(), row.told) }) {
			t.Errorf("%s: serve does not report it:\n%s", row.name, s.said())
		}
	}
	if os.Geteuid() == 0 {
		c.fromNobody(url, token, &seen)
		if !strings.Contains(s.said(), "another user of this machine") {
			t.Errorf("serve does not report the other user:\n%s", s.said())
		}
	}
	secret := secretOf(c.daypass("credentials"))
	s.stop()
	for _, hint := range []string{token, token[:6], secret, "evil"} {
		if strings.Contains(seen.String()+s.said(), hint) {
			t.Errorf("%.4s… was disclosed", hint)
		}
	}
}

// fromNobody sends a valid request as another user.
func (c *cloud) fromNobody(url, token string, seen *strings.Builder) {
	c.t.Helper()
	cmd := exec.Command("/usr/bin/python3", "-c", `
import sys, urllib.request, urllib.error
try:
    urllib.request.urlopen(urllib.request.Request(sys.argv[1], headers={"Authorization": sys.stdin.read()}))
    print("let in")
except urllib.error.HTTPError as e:
    print(e.code, e.read().decode())
`, url)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	cmd.Stdin, cmd.Dir, cmd.Env = strings.NewReader(token), "/", []string{"PATH=/usr/bin:/bin"}
	out, err := cmd.CombinedOutput()
	c.must(err)
	seen.Write(out)
	if !strings.HasPrefix(string(out), "403 ") {
		c.t.Errorf("the user nobody got %q, want 403", out)
	}
}

// secretOf returns the secret access key of a credential process document.
func secretOf(document string) string {
	lines := bufio.NewScanner(strings.NewReader(document))
	for lines.Scan() {
		if _, rest, found := strings.Cut(lines.Text(), `"SecretAccessKey": "`); found {
			value, _, _ := strings.Cut(rest, `"`)
			return value
		}
	}
	return "there is none"
}
