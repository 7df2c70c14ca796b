//go:build integration

package integration

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
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

// startKeyring gives the machine a Secret Service, as a desktop has.
func (m *machine) startKeyring() {
	m.t.Helper()
	for _, dir := range []string{"keyring", "session"} {
		m.must(os.Mkdir(m.path(dir), 0o700))
	}
	log, err := os.Create(m.path("keyring.log"))
	m.must(err)
	defer log.Close()
	cmd := exec.Command("dbus-run-session", "--", "bash", "-c", keyringSession)
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
