//go:build integration

package sandbox

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRunEndsAsItsCommand(t *testing.T) {
	t.Parallel()
	for name, check := range map[string]struct {
		script string
		want   int
	}{
		"success":            {"exit 0", 0},
		"failure":            {"exit 7", 7},
		"killed":             {"kill -KILL $$", 128 + int(syscall.SIGKILL)},
		"signs in by itself": {debianAWS + ` --endpoint-url "$AWS_ENDPOINT_URL_STS" sts get-caller-identity >/dev/null || exit 9; exit 3`, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			if r := run(m.sandbox("run", "--", "sh", "-c", check.script)); r.code != check.want {
				t.Errorf("%q: %s\nwant exit %d", check.script, r, check.want)
			}
			m.wantNothingLeft()
		})
	}
	t.Run("no such command", func(t *testing.T) {
		t.Parallel()
		m := newMachine(t)
		if r := run(m.sandbox("run", "--", "no-such-command")); r.code <= 0 || !strings.Contains(r.stderr, "no-such-command") {
			t.Errorf("running a missing command: %s", r)
		}
		m.wantNothingLeft()
	})
}

// Debian's AWS CLI would call the real AWS. It is not run, and the suggested command works.
func TestRunRefusesOldAWS(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	r := run(m.sandbox("run", "--user", "bob", "--", debianAWS, "sts", "get-caller-identity"))
	_, line, found := strings.Cut(r.stderr, "\n  try  daypass-sandbox run ")
	if r.code != 1 || r.stdout != "" || !found {
		t.Fatalf("run -- %s: %s\nwant exit 1 and a suggested command", debianAWS, r)
	}
	cmd := exec.Command("sh", "-c", m.program()+" run "+line)
	cmd.Env, cmd.Dir = m.environment(), m.path("home")
	if r := run(cmd); !r.ok() || !strings.Contains(r.stdout, "/bob@example.com") {
		t.Errorf("run %s: %s", line, r)
	}
	m.wantNothingLeft()
}

// A signal reaches the command, whose exit code counts.
func TestRunPassesSignalsOn(t *testing.T) {
	t.Parallel()
	for name, signal := range map[string]syscall.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "HUP": syscall.SIGHUP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			cmd := m.sandbox("run", "--", "sh", "-c", `trap 'echo caught; exit 42' `+name+`; : >ready; while :; do sleep 0.05; done`)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal that would send its own signal to the command
			r := runWith(cmd, func() {
				ready := func() bool { _, err := os.Stat(m.path("home/ready")); return err == nil }
				if !eventually(startDeadline, ready) {
					t.Error("the command did not start")
				}
				if err := cmd.Process.Signal(signal); err != nil {
					t.Error(err)
				}
			})
			if r.code != 42 || r.stdout != "caught\n" {
				t.Errorf("after SIG%s: %s\nwant exit 42 from the trap", name, r)
			}
			m.wantNothingLeft()
		})
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	const limit = 10 * time.Second
	for _, args := range [][]string{{"demo", "--headless"}, {"demo", "--headless", "--tls"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			begin := time.Now()
			r := run(m.sandbox(args...))
			if took := time.Since(begin); took > limit {
				t.Errorf("the demo took %v, want at most %v", took, limit)
			}
			if !r.ok() || !strings.Contains(r.stderr, "ExpiredToken") || !strings.Contains(r.stderr, "silently") {
				t.Errorf("the demo does not show every step: %s", r)
			}
			m.wantNothingLeft()
		})
	}
}
