//go:build integration

package integration

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/sandbox"
)

// keyringSession starts an unlocked keyring on its own session bus, prints the bus's address, and ends with its stdin.
const keyringSession = `
printf password | gnome-keyring-daemon --foreground --unlock --components=secrets >&2 &
daemon=$!
trap 'kill -9 $daemon' EXIT
for _ in $(seq 400); do
	dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
		org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q 'boolean true' && break
	sleep 0.05
done
echo "$DBUS_SESSION_BUS_ADDRESS"
cat`

// secretService is a running keyring.
type secretService struct {
	m   *machine
	env []string
	bus string
}

// startKeyring starts a Secret Service on the machine, as a desktop does. The options are those of dbus-run-session.
func (m *machine) startKeyring(options ...string) *secretService {
	m.t.Helper()
	for _, dir := range []string{"keyring", "session"} {
		m.must(os.MkdirAll(m.path(dir), 0o700))
	}
	log, err := os.OpenFile(m.path("keyring.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	m.must(err)
	defer log.Close()
	k := &secretService{m: m, env: []string{"PATH=/usr/bin:/bin", "HOME=" + m.path("home"), "XDG_DATA_HOME=" + m.path("keyring"), "XDG_RUNTIME_DIR=" + m.path("session")}}
	cmd := exec.Command("dbus-run-session", append(options, "--", "bash", "-c", keyringSession)...)
	cmd.Env = k.env
	cmd.Stderr = log
	stdin, err := cmd.StdinPipe()
	m.must(err)
	stdout, err := cmd.StdoutPipe()
	m.must(err)
	m.must(cmd.Start())
	m.t.Cleanup(func() {
		stdin.Close()
		_, _ = io.Copy(io.Discard, stdout)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err == nil {
		_, err = fmt.Sscan(line, &k.bus)
	}
	if err != nil {
		text, _ := os.ReadFile(m.path("keyring.log"))
		m.t.Fatalf("starting a keyring: %v\n%s", err, text)
	}
	m.env = append(m.env, "DBUS_SESSION_BUS_ADDRESS="+k.bus)
	return k
}

// lock locks the keyring, as an idle desktop does.
func (k *secretService) lock() {
	k.m.t.Helper()
	r := k.ask("org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock",
		"array:objpath:/org/freedesktop/secrets/collection/login")
	if !r.ok() || !strings.Contains(r.stdout, "collection/login") {
		k.m.t.Fatalf("locking the keyring: %s", r)
	}
}

// unlock restarts the keyring with its password, as the person's next session does.
func (k *secretService) unlock() {
	k.m.t.Helper()
	k.await("the end of the keyring", func() bool {
		k.kill()
		return k.owner() == 0
	})
	cmd := exec.Command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	cmd.Env, cmd.Stdin = append(k.env[:len(k.env):len(k.env)], "DBUS_SESSION_BUS_ADDRESS="+k.bus), strings.NewReader("password")
	daemon := &started{cmd: cmd, t: k.m.t}
	k.m.must(daemon.start())
	k.m.t.Cleanup(func() { daemon.kill() })
	// Any other request before that would make the bus start another keyring.
	k.await("a keyring", func() bool { return k.owner() != 0 })
	if r := k.ask("org.freedesktop.secrets", "/org/freedesktop/secrets/collection/login", "org.freedesktop.DBus.Properties.Get",
		"string:org.freedesktop.Secret.Collection", "string:Locked"); !strings.Contains(r.stdout, "boolean false") {
		k.m.t.Fatalf("the keyring stays locked: %s", r)
	}
}

// await waits until so returns true.
func (k *secretService) await(what string, so func() bool) {
	k.m.t.Helper()
	for deadline := time.Now().Add(startDeadline); !so(); <-time.After(pollInterval) {
		if time.Now().After(deadline) {
			k.m.t.Fatalf("timed out after %v: %s", startDeadline, what)
		}
	}
}

// ask calls a method over the bus.
func (k *secretService) ask(who, object, method string, values ...string) result {
	return k.m.run("dbus-send", append([]string{"--session", "--print-reply", "--dest=" + who, object, method}, values...)...)
}

// kill kills the keyring, or the one that the bus has started in its place. At the next request the bus starts
// another, which is locked.
func (k *secretService) kill() {
	if pid := k.owner(); pid != 0 {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// owner returns the process that owns the keyring's name on the bus; 0 if there is none.
func (k *secretService) owner() (pid int) {
	r := k.ask("org.freedesktop.DBus", "/", "org.freedesktop.DBus.GetConnectionUnixProcessID", "string:org.freedesktop.secrets")
	if _, number, ok := strings.Cut(r.stdout, "uint32 "); ok {
		pid, _ = strconv.Atoi(strings.TrimSpace(number))
	}
	return pid
}

// hang stops the process: it still owns its name on the bus, but does not answer.
func (k *secretService) hang() { k.m.must(syscall.Kill(k.owner(), syscall.SIGSTOP)) }

func (k *secretService) resume() { k.m.must(syscall.Kill(k.owner(), syscall.SIGCONT)) }

// keyringEntries returns daypass's entries in the keyring, by the keyring's own tool, which prints secrets on stdout
// and attributes on stderr.
func (m *machine) keyringEntries() string {
	r := m.run("secret-tool", "search", "--all", "service", "daypass")
	return r.stdout + r.stderr
}

// reboot ends the agent, which loses its memory. The keyring stays.
func (m *machine) reboot() {
	m.t.Helper()
	m.endProcesses()
	m.must(os.RemoveAll(m.path("run")))
	m.must(os.Mkdir(m.path("run"), 0o700))
}

func TestRenewsFromKeyring(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "carol", parts.dex)
	m.startKeyring()
	m.daypass("login")
	if !strings.Contains(m.keyringEntries(), `"refresh":"`) {
		t.Fatal("secret-tool finds no refresh token of daypass")
	}
	first := m.credentials()

	m.reboot()
	if second := m.credentials("--sign-in", "never"); second.AccessKeyID == first.AccessKeyID {
		t.Error("the same keys again: they were stored outside the agent")
	}
	m.wantVisits(1)

	m.daypass("logout")
	// Only the mark of the sign-out is left, so that a late write does not count.
	if entries := m.keyringEntries(); strings.Contains(entries, "refresh") || strings.Contains(entries, "carol") {
		t.Errorf("signing out left more than its mark in the keyring:\n%s", entries)
	}
	m.wantExit(4, "credentials", "--sign-in", "never")
}

// keyringLimit is how long a keyring that does not answer may delay a command. The cached path does not use the
// keyring.
const keyringLimit = 3 * time.Second

// If the keyring fails in any way, sign-in works with one warning. After the agent has lost its memory, the person
// signs in once more.
func TestKeyringFails(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, person string
		ail          func(*machine)
		says         string
	}{
		{"no bus", "bob", func(m *machine) { m.env = append(m.env, "DBUS_SESSION_BUS_ADDRESS=") }, "no keyring here"},
		{"dead bus", "bob", func(m *machine) {}, "no keyring here"},
		{"locked", "bob", func(m *machine) { m.startKeyring().lock() }, "the keyring is locked"},
		{"hung", "bob", func(m *machine) { m.startKeyring().hang() }, "the keyring is not responding"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, row.person, parts.dex)
			row.ail(m)
			begin := time.Now()
			if said := m.daypass("login").stderr; strings.Count(said, row.says) != 1 {
				t.Errorf("login does not print once %q:\n%s", row.says, said)
			}
			if took := time.Since(begin); took > 3*keyringLimit {
				t.Errorf("login took %v", took)
			}
			begin = time.Now()
			if said := m.daypass("credentials").stderr; said != "" {
				t.Errorf("there is a second warning: %s", said)
			}
			if took := time.Since(begin); took >= keyringLimit {
				t.Errorf("a cached credential took %v: the keyring was used", took)
			}
			m.wantVisits(1)
			m.stopAgent()
			m.wantExit(4, "credentials", "--sign-in", "never")
			m.credentials()
			m.credentials()
			m.wantVisits(2)
		})
	}
}

// A keyring's values can be used again after it is unlocked or answers again.
func TestKeyringRecovers(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, person string
		ail, heal    func(*secretService)
	}{
		{"locked", "erin", (*secretService).lock, (*secretService).unlock},
		{"hung", "frank", (*secretService).hang, (*secretService).resume},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, row.person, parts.dex)
			k := m.startKeyring()
			m.daypass("login")
			row.ail(k)
			m.credentials("--sign-in", "never") // stored in memory
			m.stopAgent()
			begin := time.Now()
			m.wantExit(4, "credentials", "--sign-in", "never")
			if took := time.Since(begin); took > 2*keyringLimit {
				t.Errorf("a %s keyring delays a command for %v", row.name, took)
			}
			row.heal(k)
			m.credentials("--sign-in", "never")
			m.wantVisits(1)
		})
	}
}

// wantExit runs daypass and checks the exit code and that stdout is empty.
func (m *machine) wantExit(want int, args ...string) result {
	m.t.Helper()
	r := m.run("daypass", args...)
	if r.code != want || r.stdout != "" {
		m.t.Errorf("daypass %s exits with %d and %d bytes on stdout, want %d and none:\n%s",
			strings.Join(args, " "), r.code, len(r.stdout), want, r.stderr)
	}
	return r
}

// refusingBus is a session bus whose policy refuses access to the keyring, as in a sandboxed desktop app.
const refusingBus = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <deny send_destination="org.freedesktop.secrets"/>
  </policy>
</busconfig>`

// If the keyring refuses access, there is one warning that says so, and commands work.
func TestKeyringRefusesAccess(t *testing.T) {
	t.Parallel()
	m := newMachineAt(t, newCloud(t, sandbox.Options{}))
	m.startKeyring("--config-file=" + m.write("bus.conf", fmt.Sprintf(refusingBus, m.path("tmp"))))
	if r := m.daypass("login"); !strings.Contains(r.stderr, "! the keyring denied access: you stay signed in until") {
		t.Errorf("login with a keyring that refuses access prints:\n%s", r.stderr)
	}
	if r := m.daypass("credentials"); r.stderr != "" {
		t.Errorf("credentials prints it again:\n%s", r.stderr)
	}
	m.wantVisits(1)
}
