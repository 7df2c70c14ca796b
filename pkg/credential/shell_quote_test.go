package credential

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/daypass/daypass/pkg/internal/sanitize"
	"github.com/daypass/daypass/pkg/secret"
)

// program runs a script that gets the printed text as its first argument.
type program struct {
	shell Shell
	args  []string
	// eval evaluates the text; value prints a variable, or nothing if it is not set.
	eval, value string
}

// programs returns the installed shells, with the flags to ignore start-up files.
func programs(t testing.TB) []program {
	t.Helper()
	all := []program{
		{Sh, []string{"sh", "-c"}, `eval "$1"`, `printf %s "$AWS_TEST"`},
		{Sh, []string{"dash", "-c"}, `eval "$1"`, `printf %s "$AWS_TEST"`},
		{Bash, []string{"bash", "--norc", "-c"}, `eval "$1"`, `printf %s "$AWS_TEST"`},
		{Zsh, []string{"zsh", "-f", "-c"}, `eval "$1"`, `printf %s "$AWS_TEST"`},
		{Fish, []string{"fish", "--no-config", "-c"}, `eval $argv[1]`, `printf %s "$AWS_TEST"`},
	}
	var installed []program
	for _, p := range all {
		if _, err := exec.LookPath(p.args[0]); err == nil {
			installed = append(installed, p)
		}
	}
	if len(installed) == 0 {
		t.Skip("no shell is installed")
	}
	return installed
}

// run returns the output of script, with text as its argument.
func (p program) run(t *testing.T, script, text string) (string, error) {
	t.Helper()
	args := append(p.args[1:], script)
	if p.shell != Fish {
		args = append(args, p.args[0]) // $0
	}
	command := exec.Command(p.args[0], append(args, text)...)
	command.Env = append(command.Environ(), "AWS_TEST=old", "LC_ALL=C.UTF-8")
	command.Dir = t.TempDir()
	out, err := command.Output()
	return string(out), err
}

// FuzzShell checks with real shells that the printed text sets exactly the value and runs nothing.
func FuzzShell(f *testing.F) {
	for _, value := range []string{
		"plain", "it's", `back\slash`, `trailing\`, `'`, `''`, `\'`, `"`, "$HOME", "$(echo hi)", "`echo hi`", "a b  c", " a ",
		"-n", "*", "~", "!!", "#", "a;b&c|d", "${x}", "%PATH%", "\u00fc\u2019\U0001f600", `'; echo injected; '`, `\'; echo injected; \'`,
		"a\nb", "a\x00b", "\x1b", "\xff", "(", "{a,b}", "=ls",
	} {
		f.Add(value)
	}
	installed := programs(f)
	f.Fuzz(func(t *testing.T, value string) {
		e := Environment{Set: []Variable{{"AWS_TEST", secret.New(value)}}}
		for _, p := range installed {
			var text bytes.Buffer
			if err := p.shell.Write(&text, e); err != nil {
				if sanitize.IsClean(value) {
					t.Errorf("%s refused %q: %v", p.shell, value, err)
				}
				continue
			}
			if got, err := p.run(t, p.eval+"; "+p.value, text.String()); err != nil || got != value {
				t.Errorf("%s of %q: got %q, %v\n%s", p.args[0], value, got, err, text.String())
			}
		}
	})
}

// The text works even if a shell joins its lines, as `eval $(…)` without quotes does.
func TestJoinedLines(t *testing.T) {
	t.Parallel()
	e := Environment{Unset: []string{"AWS_OLD"}, Set: []Variable{{"AWS_OTHER", secret.New("o")}, {"AWS_TEST", secret.New("new")}}}
	for _, p := range programs(t) {
		var text bytes.Buffer
		if err := p.shell.Write(&text, e); err != nil {
			t.Fatal(err)
		}
		joined := strings.ReplaceAll(text.String(), "\n", " ")
		if got, err := p.run(t, p.eval+"; "+p.value, joined); err != nil || got != "new" {
			t.Errorf("%s: got %q, %v from %s", p.args[0], got, err, joined)
		}
	}
}

func TestUnset(t *testing.T) {
	t.Parallel()
	for _, p := range programs(t) {
		var text bytes.Buffer
		if err := p.shell.Write(&text, Environment{Unset: []string{"AWS_TEST", "AWS_NEVER_SET"}}); err != nil {
			t.Fatal(err)
		}
		// && shows the status of the unset lines themselves.
		if got, err := p.run(t, p.eval+" && printf done; "+p.value, text.String()); err != nil || got != "done" {
			t.Errorf("%s: got %q, %v, want done", p.args[0], got, err)
		}
	}
}

// After a failure the old keys are unset, the status is not 0, and a script with set -e stops.
func TestFailureStops(t *testing.T) {
	t.Parallel()
	for _, p := range programs(t) {
		var text bytes.Buffer
		if err := p.shell.WriteFailure(&text, Environment{Unset: []string{"AWS_TEST"}}); err != nil {
			t.Fatal(err)
		}
		for _, printed := range []string{text.String(), strings.ReplaceAll(text.String(), "\n", " ")} {
			if got, err := p.run(t, p.eval+" && printf reached; "+p.value, printed); err != nil || got != "" {
				t.Errorf("%s: the text succeeded, or did not unset the old value: %q, %v", p.args[0], got, err)
			}
			if p.shell == Fish {
				continue // it has no set -e
			}
			if got, err := p.run(t, "set -e; "+p.eval+"; printf reached", printed); err == nil || got != "" {
				t.Errorf("%s with set -e continued: %q, %v", p.args[0], got, err)
			}
		}
	}
}

// PowerShell is not installed on most machines, so the test parses its literals.
func FuzzPowerShell(f *testing.F) {
	for _, value := range []string{"plain", "it's", "''", "‘’‚‛", "a’; Remove-Item x; ’", "$env:A `n", "\U0001f600", "ü", "@'"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if !sanitize.IsClean(value) {
			return
		}
		line, err := setPowerShell("A", value)
		if err != nil {
			t.Fatal(err)
		}
		if got := readPowerShell(t, line); got != value {
			t.Errorf("%s reads as %q, want %q", line, got, value)
		}
	})
}

// readPowerShell parses $Env:A = 'text' + [char]0x2019 + 'text'; the only quote allowed within a text is a doubled straight
// one.
func readPowerShell(t *testing.T, line string) string {
	t.Helper()
	rest, ok := strings.CutSuffix(strings.TrimPrefix(line, "$Env:A = "), ";\n")
	var units []uint16
	for ok {
		var unit uint16
		if n, _ := fmt.Sscanf(rest, "[char]0x%04X", &unit); n == 1 {
			units, rest = append(units, unit), rest[len("[char]0x0000"):]
		} else {
			literal := quoted.FindString(rest)
			if literal == "" {
				t.Fatalf("no literal at %q of %q", rest, line)
			}
			rest = rest[len(literal):]
			literal = strings.ReplaceAll(literal[1:len(literal)-1], "''", "'")
			units = append(units, utf16.Encode([]rune(literal))...)
		}
		rest, ok = strings.CutPrefix(rest, " + ")
	}
	if rest != "" {
		t.Fatalf("%q is left of %q", rest, line)
	}
	return string(utf16.Decode(units))
}

var quoted = regexp.MustCompile(`^'(?:[\x20-&(-~]|\'\')*'`)
