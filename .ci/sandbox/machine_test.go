//go:build integration

package sandbox

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	startDeadline = 60 * time.Second
	stopDeadline  = 15 * time.Second
	leaveDeadline = 5 * time.Second // an agent that was not stopped ends after ten seconds
	pollInterval  = 20 * time.Millisecond
)

// machine is a computer with a daypass-sandbox, nothing else installed, and no configuration.
type machine struct {
	t   *testing.T
	dir string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	dir, err := os.MkdirTemp(parts.root, "m")
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t, dir}
	for _, sub := range []string{"home", "tmp", "bin"} {
		m.must(os.Mkdir(m.path(sub), 0o700))
	}
	// The binary has a unique name, by which this machine's processes are found.
	m.must(os.Link(parts.sandbox, m.program()))
	t.Cleanup(m.endProcesses)
	return m
}

func (m *machine) path(name string) string { return filepath.Join(m.dir, name) }

func (m *machine) program() string { return m.path("bin/daypass-sandbox") }

func (m *machine) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) write(name, text string) string {
	m.t.Helper()
	m.must(os.MkdirAll(filepath.Dir(m.path(name)), 0o700))
	m.must(os.WriteFile(m.path(name), []byte(text), 0o600))
	return m.path(name)
}

func (m *machine) read(name string) string {
	m.t.Helper()
	text, err := os.ReadFile(m.path(name))
	m.must(err)
	return string(text)
}

// environment is complete: it contains nothing of the developer's, and no real keyring is used.
func (m *machine) environment(more ...string) []string {
	return append([]string{
		"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + m.path("home"), "TMPDIR=" + m.path("tmp"), "LANG=C.UTF-8",
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + m.path("no-bus"), "AWS_PAGER=",
	}, more...)
}

// sandbox returns a command of daypass-sandbox, not started.
func (m *machine) sandbox(args ...string) *exec.Cmd {
	cmd := exec.Command(m.program(), args...)
	cmd.Env, cmd.Dir = m.environment(), m.path("home")
	return cmd
}

// processes returns the process IDs of this machine's daypass-sandbox.
func (m *machine) processes() []int {
	var pids []int
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, link := range links {
		if exe, err := os.Readlink(link); err == nil && exe == m.program() {
			pid, _ := strconv.Atoi(strings.Split(link, "/")[2])
			pids = append(pids, pid)
		}
	}
	return pids
}

// endProcesses kills what a failed test left running.
func (m *machine) endProcesses() {
	for _, pid := range m.processes() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// wantNothingLeft checks that a sandbox that has ended left no process and no file. An agent may take a moment to
// end.
func (m *machine) wantNothingLeft() {
	m.t.Helper()
	if !eventually(leaveDeadline, func() bool { return len(m.processes()) == 0 }) {
		m.t.Errorf("processes still running: %v", m.processes())
	}
	left, err := os.ReadDir(m.path("tmp"))
	m.must(err)
	left = slices.DeleteFunc(left, func(e os.DirEntry) bool { return !strings.HasPrefix(e.Name(), "daypass") })
	if len(left) > 0 {
		m.t.Errorf("files not removed: %v", left)
	}
}

// eventually calls yes until it returns true or the time is over.
func eventually(patience time.Duration, yes func() bool) bool {
	pace := time.NewTicker(pollInterval)
	defer pace.Stop()
	for deadline := time.Now().Add(patience); !yes(); <-pace.C {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}
