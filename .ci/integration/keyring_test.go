//go:build integration

package integration

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/daypass/daypass/pkg/sandbox"
)

// keyringSession starts an unlocked keyring in a session bus of its own, prints the bus's address, and
// ends with its stdin.
const keyringSession = `
printf password | gnome-keyring-daemon --foreground --unlock --components=secrets >&2 &
daemon=$!
trap 'kill $daemon' EXIT
for _ in $(seq 400); do
	dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
		org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q 'boolean true' && break
	sleep 0.05
done
echo "$DBUS_SESSION_BUS_ADDRESS"
cat`

// startKeyring gives the machine a Secret Service, as a desktop has. The options are of dbus-run-session.
func (m *machine) startKeyring(options ...string) {
	m.t.Helper()
	for _, dir := range []string{"keyring", "session"} {
		m.must(os.Mkdir(m.path(dir), 0o700))
	}
	log, err := os.Create(m.path("keyring.log"))
	m.must(err)
	defer log.Close()
	cmd := exec.Command("dbus-run-session", append(options, "--", "bash", "-c", keyringSession)...)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + m.path("home"), "XDG_DATA_HOME=" + m.path("keyring"), "XDG_RUNTIME_DIR=" + m.path("session")}
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
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		text, _ := os.ReadFile(m.path("keyring.log"))
		m.t.Fatalf("starting a keyring: %v\n%s", err, text)
	}
	m.env = append(m.env, "DBUS_SESSION_BUS_ADDRESS="+strings.TrimSpace(address))
}

// kept are the entries of ours in the keyring, as its own tool sees them. The secret itself is on stdout
// and the attributes on stderr.
func (m *machine) kept() string {
	r := m.run("secret-tool", "search", "--all", "service", "daypass")
	return r.stdout + r.stderr
}

// reboot ends the agent, and with it its memory; the keyring stays.
func (m *machine) reboot() {
	m.t.Helper()
	m.endProcesses()
	m.must(os.RemoveAll(m.path("run")))
	m.must(os.Mkdir(m.path("run"), 0o700))
}

func TestRenewsFromTheKeyring(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "carol", parts.dex)
	m.startKeyring()
	m.daypass("login")
	if !strings.Contains(m.kept(), `"refresh":"`) {
		t.Fatal("secret-tool finds no refresh token of ours")
	}
	first := m.credentials()

	m.reboot()
	if second := m.credentials("--sign-in", "never"); second.AccessKeyID == first.AccessKeyID {
		t.Error("the same keys again: they have rested outside the agent")
	}
	m.wantVisits(1)

	m.daypass("logout")
	// What is left says that somebody signed out, so that a write on its way brings nothing back.
	if kept := m.kept(); strings.Contains(kept, "refresh") || strings.Contains(kept, "carol") {
		t.Errorf("signing out left more than its own mark in the keyring:\n%s", kept)
	}
	if r := m.run("daypass", "credentials", "--sign-in", "never"); r.code != 4 || r.stdout != "" {
		t.Errorf("after signing out: exit code %d and %d bytes on stdout, want 4 and none:\n%s", r.code, len(r.stdout), r.stderr)
	}
}

// refusingBus is a session bus whose policy lets nobody talk to the keyring, as a sandbox's does.
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

// Refused access is told as such, once, and is in nobody's way.
func TestKeyringRefusesAccess(t *testing.T) {
	t.Parallel()
	m := newMachineAt(t, newCloud(t, sandbox.Options{}))
	m.startKeyring("--config-file=" + m.write("bus.conf", fmt.Sprintf(refusingBus, m.path("tmp"))))
	if r := m.daypass("login"); !strings.Contains(r.stderr, "! the keyring refuses access: you stay signed in until") {
		t.Errorf("login where the keyring refuses access says:\n%s", r.stderr)
	}
	if r := m.daypass("credentials"); r.stderr != "" {
		t.Errorf("credentials says it again:\n%s", r.stderr)
	}
	m.wantVisits(1)
}
