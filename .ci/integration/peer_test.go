//go:build integration

package integration

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/sandbox"
)

// visitorName is the name under which this test binary plays a program of some user of the machine.
const visitorName = "visitor"

// visitor is the main function of the visitor. It returns the exit code.
func visitor(args []string) int {
	var said string
	err := fmt.Errorf("unknown arguments %q", args[1:])
	if len(args) == 4 {
		switch args[1] {
		case "churn":
			said, err = churn(args[2], args[3])
		case "get":
			said, err = get(args[2], args[3])
		case "sign-in":
			var status int
			_, status, err = sandbox.BrowseAs(context.Background(), nil, args[2], args[3])
			said = strconv.Itoa(status)
		}
	}
	fmt.Print(said)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// churn connects and closes for that time, in several threads, and returns how often.
func churn(address, duration string) (string, error) {
	limit, err := time.ParseDuration(duration)
	if err != nil {
		return "", err
	}
	var count atomic.Int64
	var loops sync.WaitGroup
	deadline := time.Now().Add(limit)
	for range 4 {
		loops.Go(func() {
			for time.Now().Before(deadline) {
				if conn, err := net.DialTimeout("tcp", address, time.Second); err == nil {
					count.Add(1)
					conn.Close()
				}
			}
		})
	}
	loops.Wait()
	return strconv.FormatInt(count.Load(), 10), nil
}

// get sends one request with that token, which may be "", and returns the status and the milliseconds that it took.
func get(address, token string) (string, error) {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	if token != "" {
		r.Header.Set("Authorization", token)
	}
	began := time.Now()
	resp, err := (&http.Transport{}).RoundTrip(r)
	if err != nil {
		return "", err
	}
	resp.Body.Close()
	return fmt.Sprintf("%d %d", resp.StatusCode, time.Since(began).Milliseconds()), nil
}

// visitAs runs the visitor as the user with that number.
func (m *machine) visitAs(uid int, args ...string) result {
	m.t.Helper()
	if _, err := os.Lstat(m.path("bin/" + visitorName)); errors.Is(err, os.ErrNotExist) {
		m.must(os.Chmod(parts.root, 0o711))
		m.must(os.Chmod(m.dir, 0o711))
		m.must(os.Chmod(m.path("bin"), 0o711))
		m.must(os.Symlink(parts.self, m.path("bin/"+visitorName)))
	}
	id := strconv.Itoa(uid)
	return run(exec.Command("setpriv", append([]string{"--reuid", id, "--regid", id, "--clear-groups", "--", m.path("bin/" + visitorName)}, args...)...))
}

// wantStatus checks the status of a request by that user, and returns the milliseconds that it took.
func (m *machine) wantStatus(uid int, want int, address, token string) (took int) {
	m.t.Helper()
	r := m.visitAs(uid, "get", address, token)
	var status int
	if _, err := fmt.Sscan(r.stdout, &status, &took); err != nil || status != want {
		m.t.Errorf("the user %d is answered with %q by %s, want %d: %s", uid, r.stdout, address, want, r.stderr)
	}
	return took
}

// The users of the following tests.
const (
	root     = 0
	person1  = firstUID + 20
	stranger = firstUID + 40
)

// hostOf returns the host and port of a URL.
func (m *machine) hostOf(address string) string {
	m.t.Helper()
	u, err := url.Parse(strings.TrimSpace(address))
	m.must(err)
	return u.Host
}

const (
	churnTime    = "2s"
	honestMillis = 50
)

// After 2 s in which another user connects and closes as fast as possible, the next request of this user is answered
// immediately. This test does not run beside others, because it measures time.
func TestConnectAndClose(t *testing.T) {
	for name, start := range map[string]func(*machine) (address, token string, status int){
		"login":        waitingLogin,
		"serve":        runningServe,
		"exec --renew": runningExec,
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachineAt(t, newCloud(t, sandbox.Options{}))
			m.become(person1-firstUID, true)
			address, token, status := start(m)
			r := m.visitAs(stranger, "churn", m.hostOf(address), churnTime)
			took := m.wantStatus(person1, status, address, token)
			t.Logf("%s connections, then %d ms", r.stdout, took)
			if count, err := strconv.Atoi(r.stdout); err != nil || count < 100 {
				t.Errorf("only %q connections were made: %s", r.stdout, r.stderr)
			}
			if took > honestMillis {
				t.Errorf("after %s connections the next request took %d ms, want at most %d", r.stdout, took, honestMillis)
			}
		})
	}
}

// waitingLogin starts a sign-in whose browser waits.
func waitingLogin(m *machine) (address, token string, status int) {
	m.write("browser/away", "")
	m.chown()
	login := m.start("daypass", "login")
	return strings.TrimSpace(login.awaitText(startURL)), "", http.StatusFound
}

func runningServe(m *machine) (address, token string, status int) {
	m.daypass("login")
	serve := m.start("daypass", "serve", "--shell", "dotenv")
	return m.served(serve)
}

func runningExec(m *machine) (address, token string, status int) {
	m.daypass("login")
	exec := m.start("daypass", "exec", "--renew", "--", "sh", "-c", "env; exec sleep 60")
	return m.served(exec)
}

// served reads the endpoint's variables that the command prints.
func (m *machine) served(s *started) (address, token string, status int) {
	m.t.Helper()
	for deadline := time.Now().Add(startDeadline); time.Now().Before(deadline); <-time.After(pollInterval) {
		for line := range strings.Lines(s.stdout.String()) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			value = strings.Trim(value, `"'`)
			switch name {
			case "AWS_CONTAINER_CREDENTIALS_FULL_URI":
				address = value
			case "AWS_CONTAINER_AUTHORIZATION_TOKEN":
				token = value
			}
		}
		if address != "" && token != "" {
			return address, token, http.StatusOK
		}
	}
	m.t.Fatalf("no endpoint was printed: %s", s.kill())
	return "", "", 0
}

// Another user cannot sign in in the person's place, whether the person is root or not. Root can only where a relay may
// run as root: if no browser was opened here, and in a container. The person's own sign-in succeeds meanwhile.
func TestOtherUserCannotSignIn(t *testing.T) {
	t.Parallel()
	for number, row := range []struct {
		name      string
		person    int
		login     []string
		container bool
		root      int // the status for root
	}{
		{"a user", person1 + 1, []string{"login"}, false, http.StatusForbidden},
		{"a user without a browser", person1 + 2, []string{"login", "--no-browser"}, false, http.StatusFound},
		{"a user in a container", person1 + 3, []string{"login"}, true, http.StatusFound},
		{"root", root, []string{"login"}, false, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			m := newMachineAt(t, newCloud(t, sandbox.Options{}))
			m.write("browser/away", "")
			if row.person != root {
				m.become(row.person-firstUID, true)
				m.account.container = row.container
			}
			login := m.start("daypass", row.login...)
			start := strings.TrimSpace(login.awaitText(startURL))
			if r := m.visitAs(stranger+number, "sign-in", start, "bob"); r.stdout != strconv.Itoa(http.StatusForbidden) {
				t.Errorf("another user signs in with status %q, want 403: %s", r.stdout, r)
			}
			if namespace, _ := os.Readlink("/proc/self/ns/pid"); row.root == http.StatusForbidden && namespace != "pid:[4026531836]" {
				row.root = http.StatusFound // these tests run in a container
			}
			if row.root != 0 {
				m.wantStatus(root, row.root, start, "")
			}
			if row.root == http.StatusFound {
				return // root's browser is the first one
			}
			m.must(os.Remove(m.path("browser/away")))
			if r := login.end(); !r.ok() || !strings.Contains(r.stderr, "alice@example.com") {
				t.Errorf("the person's own sign-in: %s", r)
			}
		})
	}
}

// Another user cannot read this user's credentials from the endpoint, even with the token. Root can, which may be a
// container on the host's network. If the person is root, only root can.
func TestOtherUserHasNoEndpoint(t *testing.T) {
	t.Parallel()
	for number, person := range []int{person1 + 4, root} {
		m := newMachineAt(t, newCloud(t, sandbox.Options{}))
		if person != root {
			m.become(person-firstUID, true)
		}
		address, token, status := runningServe(m)
		m.wantStatus(stranger+10+number, http.StatusForbidden, address, token)
		m.wantStatus(person, status, address, token)
		m.wantStatus(root, status, address, token)
	}
}

// Another user cannot open the sign-out page, which would use it up.
func TestOtherUserCannotSignOut(t *testing.T) {
	t.Parallel()
	m := newMachineAt(t, newCloud(t, sandbox.Options{}))
	m.daypass("login") // as root
	m.write("browser/away", "")
	logout := m.start("daypass", "logout", "--end-session")
	start := strings.TrimSpace(logout.awaitText(startURL))
	m.wantStatus(stranger+20, http.StatusForbidden, start, "")
	m.must(os.Remove(m.path("browser/away")))
	if r := logout.end(); !r.ok() {
		t.Errorf("signing out: %s", r)
	}
}

// An endpoint that cannot ask the kernel, because it has no file descriptor left, refuses everybody, even with the
// token, and says why.
func TestEndpointWithoutFileDescriptors(t *testing.T) {
	t.Parallel()
	m := newMachineAt(t, newCloud(t, sandbox.Options{}))
	person := person1 + 6
	m.become(person-firstUID, true)
	m.daypass("login")
	serve := m.start("daypass", "serve", "--shell", "dotenv")
	address, token, status := m.served(serve)
	m.wantStatus(person, status, address, token)
	limit := m.leaveOneDescriptor(serve.cmd.Process.Pid)
	m.wantStatus(stranger+30, http.StatusServiceUnavailable, address, token)
	m.wantStatus(person, http.StatusServiceUnavailable, address, token)
	serve.awaitText("cannot tell which user of this machine sent the request: .*too many open files")
	m.setLimit(serve.cmd.Process.Pid, limit)
	m.wantStatus(stranger+30, http.StatusForbidden, address, token)
	m.wantStatus(person, status, address, token)
}

// leaveOneDescriptor leaves the process one file descriptor, for the next connection. It returns the previous limit.
func (m *machine) leaveOneDescriptor(pid int) (before string) {
	m.t.Helper()
	before = strings.TrimSpace(m.prlimit("--pid", strconv.Itoa(pid), "--nofile", "--noheadings", "--output", "SOFT"))
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	m.must(err)
	open := map[string]bool{}
	for _, entry := range entries {
		open[entry.Name()] = true
	}
	free := 0
	for open[strconv.Itoa(free)] {
		free++
	}
	limit := free + 1
	for open[strconv.Itoa(limit)] {
		limit++
	}
	m.setLimit(pid, strconv.Itoa(limit))
	return before
}

func (m *machine) setLimit(pid int, limit string) {
	m.t.Helper()
	m.prlimit("--pid", strconv.Itoa(pid), "--nofile="+limit+":")
}

// prlimit runs prlimit(1) as the machine's user: root may lack the right in a container.
func (m *machine) prlimit(args ...string) string {
	m.t.Helper()
	r := m.run("prlimit", args...)
	if !r.ok() {
		m.t.Fatalf("prlimit: %s", r)
	}
	return r.stdout
}
