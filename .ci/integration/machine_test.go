//go:build integration

package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const debianAWS = "/usr/bin/aws" // another `aws` may come first on PATH

// machine is one person's computer: a home, a daypass, a browser, an AWS configuration.
type machine struct {
	t        *testing.T
	dir      string
	env      []string
	s3       string // the endpoint
	*account        // nil: the user that runs the tests
}

// newMachine returns a new computer of that person, where nothing is stored yet.
func newMachine(t *testing.T, name string, idp *issuer) *machine {
	t.Helper()
	return setUp(t, personConfig{Name: name}, configFor(idp), parts.minio.url)
}

// setUp returns a computer of the person with that config.toml.
func setUp(t *testing.T, who personConfig, config, s3 string) *machine {
	t.Helper()
	dir, err := os.MkdirTemp(parts.root, "m")
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, dir: dir, s3: s3}
	for _, sub := range []string{"home", "run", "tmp", "bin", "browser"} {
		m.must(os.Mkdir(m.path(sub), 0o700))
	}
	// The binary's unique path identifies this machine's processes.
	m.must(os.Link(parts.daypass, m.path("bin/daypass")))
	m.must(os.Link(parts.daypass+"-credentials", m.path("bin/daypass-credentials")))
	m.must(os.Symlink(parts.self, m.path("browser/"+personName)))
	who.Visits, who.Away = m.path("browser/visits"), m.path("browser/away")
	described, err := json.Marshal(who)
	m.must(err)
	m.write("browser/"+personName+".json", string(described))
	m.write("config.toml", config)
	m.write("aws.config", fmt.Sprintf("[profile photos]\nregion = %s\ncredential_process = %s --profile photos\n",
		region, m.path("bin/daypass-credentials")))
	m.env = m.environment()
	t.Cleanup(m.endProcesses)
	return m
}

// configFor returns a config.toml with a second profile for another person's prefix.
func configFor(idp *issuer) string {
	var b strings.Builder
	fmt.Fprintln(&b, `default_profile = "photos"`)
	for name, prefix := range map[string]string{
		"photos":   "uploads/{sub}/",
		"intruder": "uploads/" + subjectOf("bob") + "/",
	} {
		fmt.Fprintf(&b, "[profile.%s]\nregion = %q\n", name, region)
		fmt.Fprintf(&b, "[profile.%s.login]\nissuer = %q\nclient_id = %q\n", name, idp.url, idp.clientID)
		fmt.Fprintf(&b, "[profile.%s.role]\narn = %q\n", name, roleARN(idp))
		fmt.Fprintf(&b, "[profile.%s.upload]\nbucket = %q\nprefix = %q\n", name, bucket, prefix)
		fmt.Fprintf(&b, "[profile.%s.endpoints]\nsts = %q\ns3 = %q\n", name, parts.minio.sts.url, parts.minio.url)
	}
	return b.String()
}

// environment returns the whole environment: nothing of the developer's own is in it, and no real keyring is used.
func (m *machine) environment() []string {
	return []string{
		"PATH=" + m.path("bin") + ":/usr/local/bin:/usr/bin:/bin",
		"HOME=" + m.path("home"), "TMPDIR=" + m.path("tmp"), "LANG=C.UTF-8",
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + m.path("no-bus"),
		"DAYPASS_RUNTIME_DIR=" + m.path("run"), "DAYPASS_CONFIG_FILE=" + m.path("config.toml"),
		"DAYPASS_BROWSER=" + m.path("browser/"+personName),
		"AWS_CONFIG_FILE=" + m.path("aws.config"), "AWS_SHARED_CREDENTIALS_FILE=" + m.path("none"),
		"AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=",
	}
}

func (m *machine) path(name string) string { return filepath.Join(m.dir, name) }

func (m *machine) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) write(name, text string) string {
	m.t.Helper()
	m.must(os.WriteFile(m.path(name), []byte(text), 0o600))
	return m.path(name)
}

// run runs a program on this machine.
func (m *machine) run(name string, args ...string) result {
	return m.runFor(commandDeadline, name, args...)
}

func (m *machine) runFor(limit time.Duration, name string, args ...string) result {
	return runFor(limit, m.command(name, args...))
}

// start starts a program on this machine. It is killed at the end of the test if it still runs.
func (m *machine) start(name string, args ...string) *started {
	m.t.Helper()
	s := &started{cmd: m.command(name, args...), t: m.t}
	m.must(s.start())
	m.t.Cleanup(func() { s.kill() })
	return s
}

// command returns a command of this machine that has not been started.
func (m *machine) command(name string, args ...string) *exec.Cmd {
	if name == "daypass" {
		name = m.path("bin/daypass")
	}
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Dir = m.env, m.path("home")
	if m.account != nil {
		m.as(m, cmd)
	}
	return cmd
}

// asRoot runs a program as the user that runs the tests.
func (m *machine) asRoot(name string, args ...string) result { return run(exec.Command(name, args...)) }

// daypass runs daypass and ends the test if that fails.
func (m *machine) daypass(args ...string) result {
	m.t.Helper()
	r := m.run("daypass", args...)
	if !r.ok() {
		m.t.Fatalf("daypass %s: %s\nvisits: %s", strings.Join(args, " "), r, m.visitLog())
	}
	return r
}

// aws runs the AWS CLI with the credential_process and ends the test if that fails.
func (m *machine) aws(args ...string) result {
	m.t.Helper()
	r := m.run(debianAWS, append([]string{"--profile", "photos", "--endpoint-url", m.s3}, args...)...)
	if !r.ok() {
		m.t.Fatalf("aws %s: %s\nvisits: %s", strings.Join(args, " "), r, m.visitLog())
	}
	return r
}

func (m *machine) visitLog() string {
	text, err := os.ReadFile(m.path("browser/visits"))
	if err != nil && !os.IsNotExist(err) {
		m.t.Error(err)
	}
	return string(text)
}

// visits counts the times that the person was sent to the browser.
func (m *machine) visits() int { return strings.Count(m.visitLog(), "visit ") }

func (m *machine) wantVisits(want int) {
	m.t.Helper()
	if got := m.visits(); got != want {
		m.t.Errorf("the person was sent to the browser %d times, want %d:\n%s", got, want, m.visitLog())
	}
}

// processes returns the process IDs of this machine's daypass. After a command has ended, only its agent is left.
func (m *machine) processes() []int {
	var pids []int
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, link := range links {
		if exe, err := os.Readlink(link); err == nil && exe == m.path("bin/daypass") {
			pid, _ := strconv.Atoi(strings.Split(link, "/")[2])
			pids = append(pids, pid)
		}
	}
	return pids
}

// endProcesses kills all of this machine's daypass processes, as a reboot does.
func (m *machine) endProcesses() {
	deadline := time.Now().Add(stopDeadline)
	for pids := m.processes(); len(pids) > 0; pids = m.processes() {
		if time.Now().After(deadline) {
			m.t.Fatalf("processes %v did not exit", pids)
		}
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		<-time.After(pollInterval)
	}
}

// keys is the output of `daypass credentials`.
type keys struct {
	Version                                   int
	AccessKeyID                               string `json:"AccessKeyId"`
	SecretAccessKey, SessionToken, Expiration string
}

func (m *machine) credentials(args ...string) keys {
	m.t.Helper()
	return m.readKeys(m.daypass(append([]string{"credentials"}, args...)...).stdout)
}

// readKeys parses the output, which must be one JSON document and nothing else.
func (m *machine) readKeys(stdout string) (k keys) {
	m.t.Helper()
	if err := json.Unmarshal([]byte(stdout), &k); err != nil {
		m.t.Fatalf("reading the credential process document: %v", err)
	}
	if k.Version != 1 || k.AccessKeyID == "" || k.SecretAccessKey == "" || k.SessionToken == "" || k.Expiration == "" {
		m.t.Fatalf("the credential process document is incomplete: version %d, access key ID %q, expiration %q",
			k.Version, k.AccessKeyID, k.Expiration)
	}
	return k
}

// key returns the key of an object of this test, under alice's own prefix.
func (m *machine) key(name string) string {
	return "uploads/" + subjectOf("alice") + "/" + strings.ReplaceAll(m.t.Name(), "/", "-") + "-" + name
}

// wantObject compares the stored object with the text.
func (m *machine) wantObject(key, want string) {
	m.t.Helper()
	r := parts.minio.object(key)
	if !r.ok() {
		m.t.Fatalf("reading %s back: exit %d, %s", key, r.code, r.stderr)
	}
	if r.stdout != want {
		m.t.Errorf("%s holds %d bytes, want the %d that were written", key, len(r.stdout), len(want))
	}
}
