//go:build integration

package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// account is a user of this computer other than root. Each of the user's programs runs in its own mount namespace,
// with the test's own password database and /run/user.
type account struct {
	uid       int
	mounts    []string // shell lines that mount more
	container bool     // with its own process IDs, as in a container
}

const firstUID = 61000

// become gives the machine to a user with that number, with or without a /run/user/UID. It skips the test if root or
// mount rights are missing.
func (m *machine) become(number int, session bool) {
	m.t.Helper()
	if os.Geteuid() != 0 {
		m.t.Skip("other users, read-only and full disks need root")
	}
	if r := run(exec.Command("unshare", "--mount", "true")); !r.ok() {
		m.t.Skipf("mounting is not permitted here: %s", r)
	}
	uid := firstUID + number
	m.account = &account{uid: uid}
	m.write("passwd", fmt.Sprintf("root:x:0:0::/root:/bin/sh\nperson:x:%d:%d::%s:/bin/sh\n", uid, uid, m.path("home")))
	m.must(os.Chmod(m.path("passwd"), 0o644))
	m.must(os.MkdirAll(m.path("run-user"), 0o755))
	if session {
		m.must(os.Mkdir(m.session(), 0o700))
	}
	m.env = m.without("DAYPASS_RUNTIME_DIR")
	m.chown()
}

// session returns the user's /run/user/UID, as a path for root.
func (m *machine) session() string { return m.path("run-user/" + strconv.Itoa(m.account.uid)) }

// chown gives the user every file of the machine except the programs, which other machines link to.
func (m *machine) chown() {
	m.t.Helper()
	m.must(os.Chmod(parts.root, 0o711))
	m.must(filepath.WalkDir(m.dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || filepath.Dir(path) == m.path("bin") {
			return err
		}
		return os.Lchown(path, m.account.uid, m.account.uid)
	}))
}

// as makes the command run as the user.
func (a *account) as(m *machine, cmd *exec.Cmd) {
	lines := append([]string{
		"set -e",
		"mount --make-rprivate /",
		"mount -t tmpfs none /run",
		"mkdir /run/user",
		"mount --bind " + m.path("run-user") + " /run/user",
		"mount --bind " + m.path("passwd") + " /etc/passwd",
	}, a.mounts...)
	id := strconv.Itoa(a.uid)
	enter := ""
	if a.container {
		enter = "unshare --pid --fork --kill-child "
	}
	lines = append(lines, `cd "$0"`, "exec "+enter+"setpriv --reuid "+id+" --regid "+id+` --clear-groups -- "$@"`)
	program := []string{"unshare", "--mount", "--", "sh", "-c", strings.Join(lines, "\n"), cmd.Dir}
	cmd.Args = append(program, append([]string{cmd.Path}, cmd.Args[1:]...)...)
	cmd.Path = "/usr/bin/unshare"
	cmd.Dir = "/"
}

// without returns the machine's environment without those variables.
func (m *machine) without(names ...string) []string {
	var left []string
	for _, entry := range m.env {
		name, _, _ := strings.Cut(entry, "=")
		dropped := false
		for _, n := range names {
			dropped = dropped || n == name
		}
		if !dropped {
			left = append(left, entry)
		}
	}
	return left
}

// agents returns the process IDs of this machine's agents.
func (m *machine) agents() []int {
	var found []int
	for _, pid := range m.processes() {
		line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if strings.Contains(string(line), "\x00agent\x00run\x00") {
			found = append(found, pid)
		}
	}
	return found
}

// killAgents kills the agents and returns when they have exited.
func (m *machine) killAgents() {
	for _, pid := range m.agents() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}
