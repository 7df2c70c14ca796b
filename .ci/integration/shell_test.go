//go:build integration

package integration

import (
	"regexp"
	"strings"
	"testing"
)

// shells has each shell's way to read an environment. `env FLAGS` stands for daypass's command.
var shells = []struct {
	name    string
	command []string
	take    string // the idiom
	strict  string // the option that stops a script at the first failure
	stop    string // the same for a shell without such an option, after the idiom
}{
	{"bash", []string{"bash", "--norc", "-c"}, `eval "$(daypass env ARGS)"`, "set -eu", ""},
	{"zsh", []string{"zsh", "-f", "-c"}, `eval "$(daypass env ARGS)"`, "set -eu", ""},
	{"dash", []string{"dash", "-c"}, `eval "$(daypass env ARGS)"`, "set -eu", ""},
	{"fish", []string{"fish", "--no-config", "-c"}, `daypass env ARGS | source`, "", "; or exit 1"},
	{"fish-named", []string{"fish", "--no-config", "-c"}, `daypass env --shell fish ARGS | source`, "", "; or exit 1"},
}

// script runs shell lines without an AWS configuration, so that only the environment counts.
func (m *machine) script(command []string, lines ...string) result {
	m.env = append(m.env, "AWS_CONFIG_FILE=/dev/null", "AWS_ACCESS_KEY_ID=OLD", "AWS_SECRET_ACCESS_KEY=OLD", "AWS_PROFILE=other")
	return m.run(command[0], append(command[1:len(command):len(command)], strings.Join(lines, "\n"))...)
}

func TestEnvInShells(t *testing.T) {
	t.Parallel()
	for _, shell := range shells {
		t.Run(shell.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, "alice", parts.dex)
			m.write("home/hello.txt", "hello")
			key := m.key("hello.txt")
			r := m.script(shell.command, shell.strict, strings.Replace(shell.take, "ARGS", "", 1)+shell.stop,
				debianAWS+` --endpoint-url "$AWS_ENDPOINT_URL_S3" s3 cp hello.txt s3://`+bucket+"/"+key,
				`echo "region $AWS_REGION $AWS_DEFAULT_REGION"`)
			if !r.ok() {
				t.Fatalf("%s: %s", shell.name, r)
			}
			m.wantObject(key, "hello")
			if want := "region " + region + " " + region; !strings.Contains(r.stdout, want) {
				t.Errorf("stdout = %q, want %q in it", r.stdout, want)
			}
			m.wantVisits(1)
		})
	}
}

// `eval` of an empty string succeeds, so a failing daypass must make the shell fail and unset old keys.
func TestFailingEnvStopsScripts(t *testing.T) {
	t.Parallel()
	for _, shell := range shells {
		t.Run(shell.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, "alice", parts.dex)
			take := strings.Replace(shell.take, "ARGS", "--sign-in never", 1)
			r := m.script(shell.command, shell.strict, take+shell.stop, "echo REACHED")
			if r.code == 0 || r.err != nil || strings.Contains(r.stdout, "REACHED") {
				t.Errorf("a strict script continued: %s", r)
			}
			after := `echo "left:$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY:"`
			if r := m.script(shell.command, take, after); !strings.Contains(r.stdout, "left:::") {
				t.Errorf("old keys are still set after a failure: %s", r)
			}
			if r := m.run("daypass", "env", "--sign-in", "never"); r.code != 4 {
				t.Errorf("exit code %d, want 4 (sign-in required): %s", r.code, r)
			}
			m.wantVisits(0)
		})
	}
}

var assignment = regexp.MustCompile(`^(export [A-Z_0-9]+='[^']*'|unset( [A-Z_0-9]+)+);?$`)

// The browser prints something that looks like credentials, which must not appear on stdout.
func TestStdoutIsOnlyTheProtocol(t *testing.T) {
	t.Parallel()
	t.Run("credentials", func(t *testing.T) {
		t.Parallel()
		m := newMachine(t, "alice", parts.dex)
		r := m.daypass("credentials", "--verbose")
		m.readKeys(r.stdout)
		m.wantQuiet(r)
	})
	t.Run("env", func(t *testing.T) {
		t.Parallel()
		m := newMachine(t, "alice", parts.dex)
		r := m.daypass("env", "--shell", "bash", "--verbose")
		text, begins := strings.CutPrefix(r.stdout, "{\n")
		text, ends := strings.CutSuffix(text, "}\n")
		if !begins || !ends {
			t.Error("the output of env has no brackets around it")
		}
		for line := range strings.Lines(text) {
			if !assignment.MatchString(strings.TrimSpace(line)) {
				t.Errorf("%.12q … is not an assignment", line)
			}
		}
		m.wantQuiet(r)
	})
}

// wantQuiet checks that the browser's noise is not on stdout.
func (m *machine) wantQuiet(r result) {
	m.t.Helper()
	if strings.Contains(r.stdout, noise) {
		m.t.Error("the browser's output is on stdout")
	}
	if !strings.Contains(m.visitLog(), noise) {
		m.t.Error("the browser printed nothing, so the test checks nothing")
	}
	m.wantVisits(1)
}
