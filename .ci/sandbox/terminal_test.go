//go:build integration

package sandbox

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A shell with job control, and its jobs, behave the same in a terminal with or without daypass exec: what is
// stopped, what continues, which process has the terminal, and how it ends.
func TestJobControl(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.daypass("login")
	plain := c.terminal("plain", "")
	for _, how := range []string{"exec", "exec --renew"} {
		if got := c.terminal(strings.ReplaceAll(how, " ", ""), "daypass "+how+" -- "); got != plain {
			t.Errorf("with %s the terminal shows\n%s\nwant the same as without:\n%s", how, got, plain)
		}
	}
}

// typed are keys, and the expected end of the screen's last line afterwards. If that is not a prompt, a job has the
// terminal.
type typed struct{ keys, then string }

const (
	outer = "outer$"
	inner = "inner$"
	long  = "sh -c 'echo started; exec sleep 100'"
)

// session is the input; RUN stands for the words before a command.
var session = []typed{
	{"", outer}, {"ulimit -c 0", outer},
	{"RUN env PS1='" + inner + " ' bash --norc", inner},
	{long, "started"}, {"C-z", inner}, {"jobs", inner}, {"fg", long}, {"C-z", inner}, {"bg", inner}, {"fg", long}, {"C-c", inner}, {"echo code $?", inner},
	{"cat &", inner}, {"fg", "cat"}, {"C-d", inner},
	{"suspend", outer}, {"jobs", outer}, {"fg", inner}, {long, "started"}, {"C-c", inner}, {"exit 7", outer}, {"echo code $?", outer},
	{"RUN " + long, "started"}, {"C-z", outer}, {"fg", "RUN " + long}, {"C-c", outer}, {"echo code $?", outer},
	{"RUN " + long, "started"}, {"C-\\", outer}, {"echo code $?", outer},
	{"RUN sh -c 'trap \"echo was told\" INT; echo started; cat; echo went on'", "started"}, {"C-c", outer}, {"echo code $?", outer},
	{"RUN sh -c 'trap \"\" TSTP; echo started; cat'", "started"}, {"C-z", "^Z"}, {"C-c", outer},
	{"RUN cat &", outer}, {"fg", "RUN cat"}, {"C-d", outer},
	{"RUN sh -c '>mark; exec sleep 100' &", outer}, {"until rm mark 2>/dev/null; do sleep 0.1; done; kill %1; wait %1", outer}, {"echo code $?", outer},
	{"stty -a | tr ' ' '\\n' | grep -cx -e isig -e icanon -e echo", outer},
}

// screen is a terminal with a shell in it.
type screen struct {
	c            *cloud
	name, before string
	shell        string // its process ID
}

func (s *screen) tmux(args ...string) string {
	s.c.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", s.c.path(s.name), "-f", "/dev/null"}, args...)...)
	cmd.Env, cmd.Dir = append(s.c.environ(), "TERM=screen"), s.c.path("home")
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.c.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// text returns the contents of the screen.
func (s *screen) text() string { return strings.TrimRight(s.tmux("capture-pane", "-pJ"), " \n") }

// foreground returns the process group that has the terminal (proc_pid_stat(5), tpgid).
func (s *screen) foreground() string {
	s.c.t.Helper()
	stat, err := os.ReadFile("/proc/" + s.shell + "/stat")
	s.c.must(err)
	fields := strings.Fields(string(stat[strings.LastIndex(string(stat), ")")+1:]))
	return fields[5]
}

// step types the keys and waits for their effect. A prompt was there before, too.
func (s *screen) step(step typed) bool {
	keys, then := strings.ReplaceAll(step.keys, "RUN ", s.before), strings.ReplaceAll(step.then, "RUN ", s.before)
	prompt, lines := then == outer || then == inner, strings.Count(s.text(), "\n")
	holder := s.foreground()
	switch {
	case strings.HasPrefix(keys, "C-"):
		s.tmux("send-keys", keys)
	case keys != "" || then == inner:
		s.tmux("send-keys", "-l", keys)
		s.tmux("send-keys", "Enter")
	}
	return eventually(20*time.Second, func() bool {
		text := s.text()
		last := strings.TrimSpace(text[strings.LastIndex(text, "\n")+1:])
		switch {
		case prompt:
			return last == then && (keys == "" || strings.Count(text, "\n") > lines)
		case keys == "C-z":
			return strings.HasSuffix(last, then)
		}
		return strings.HasSuffix(last, then) && s.foreground() != holder
	})
}

// terminal types the session and returns the screen, without the words before a command.
func (c *cloud) terminal(name, before string) string {
	c.t.Helper()
	s := &screen{c: c, name: name, before: before}
	script := c.write("bin/daypass", "#!/bin/sh\nexec "+c.program()+" daypass \"$@\"\n")
	c.must(os.Chmod(script, 0o700))
	s.tmux("new-session", "-d", "-x", "200", "-y", "200", "env", "PATH="+c.path("bin")+":/usr/bin:/bin", "PS1="+outer+" ", "bash", "--norc")
	defer s.tmux("kill-server")
	s.shell = strings.TrimSpace(s.tmux("display-message", "-p", "#{pane_pid}"))
	for i, step := range session {
		if !s.step(step) {
			c.t.Errorf("%s: after %q (step %d) the screen is\n%s", name, step.keys, i, s.text())
			break
		}
	}
	text := s.text()
	if before != "" {
		text = strings.ReplaceAll(text, before, "")
	}
	return normal.ReplaceAllString(text, "$1")
}

// normal matches process IDs and trailing blanks, which differ between runs.
var normal = regexp.MustCompile(`(?m)(^\[\d+\]) \d+$| +$`)
