package cli

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// As in Main, which sets it for one process; here it must stand before the tests run side by side.
var _ = func() bool { cobra.EnableCommandSorting = false; return false }()

// run is Main without its signals.
func run(app *App, args ...string) int {
	root := newRootCommand(app)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(context.Background())
	if err == nil {
		return 0
	}
	return app.terminal().fail(context.Background(), cmd, err)
}

// No line is broken by the terminal but those that are for copying.
func TestHelpFits(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 60, helpWidth} {
		for _, cmd := range documented(newRootCommand(testApp())) {
			text := helpText(cmd, width)
			if cmd.IsAdditionalHelpTopicCommand() {
				text = strings.ReplaceAll(profileFlagsText(width), firstProfile, "")
			}
			text = strings.ReplaceAll(text, "\n"+cmd.Example+"\n", "\n")
			for line := range strings.Lines(text) {
				line = strings.TrimSuffix(line, "\n")
				unbreakable := !strings.Contains(strings.TrimSpace(line), " ") || strings.HasPrefix(line, "Usage: ")
				if utf8.RuneCountInString(line) > width && !unbreakable {
					t.Errorf("%s at %d columns has a line of %d: %q", cmd.CommandPath(), width, len(line), line)
				}
			}
		}
	}
	for _, cmd := range documented(newRootCommand(testApp())) {
		for line := range strings.Lines(cmd.Example) {
			if len(line) > helpWidth {
				t.Errorf("%s: an example of %d columns: %q", cmd.CommandPath(), len(line), line)
			}
		}
	}
}

func TestHelpOrder(t *testing.T) {
	t.Parallel()
	root := newRootCommand(testApp())
	login, _, err := root.Find([]string{"login"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		cmd   *cobra.Command
		parts []string
	}{
		{root, []string{"daypass signs you in", "\n  daypass login ", "\n  eval ", "Usage: daypass COMMAND\n", "Start here:\n  login", "Then:\n",
			"help           Explain a command\n", "Topics:\n  profile-flags", "Global flags:\n  -p, --profile NAME ", "--browser CMD", "-h, --help ", "show this\n",
			"Before the first login, write a profile: daypass help profile-flags\n"}},
		{login, []string{"Signs you in", "\n  daypass login\n", "Where a sign-in is kept", "Usage: daypass login [flags]\n", "Flags:\n      --again  ",
			"  -h, --help   show this\n", "Global flags (daypass --help explains them): --profile, --config,"}},
	} {
		text := helpText(row.cmd, helpWidth)
		for _, part := range row.parts {
			_, after, found := strings.Cut(text, part)
			if !found {
				t.Errorf("%s: %q is not there, or not in its place:\n%s", row.cmd.Name(), part, helpText(row.cmd, helpWidth))
				break
			}
			text = after
		}
	}
}

// Where there is no room beside a name, its text stands below.
func TestNarrowHelp(t *testing.T) {
	t.Parallel()
	text := helpText(newRootCommand(testApp()), 40)
	if want := "      --browser CMD\n      open the sign-in with this command\n"; !strings.Contains(text, want) {
		t.Errorf("at 40 columns there is no %q:\n%s", want, text)
	}
}

// completions are what a shell is offered after these words, and cobra's number of what it is to do.
func completions(t *testing.T, app *App, words ...string) []string {
	t.Helper()
	if code := run(app, append([]string{"__complete"}, words...)...); code != 0 {
		t.Fatalf("__complete %q: exit code %d: %s", words, code, app.Err)
	}
	var names []string
	for line := range strings.Lines(app.Out.(*bytes.Buffer).String()) {
		name, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		names = append(names, name)
	}
	return names
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	const files, noFiles, byEnding = ":0", ":4", ":8"
	config := t.TempDir() + "/config.toml"
	writeFile(t, config, "[profile.work]\n[profile.home]\n")
	broken := t.TempDir() + "/broken.toml"
	writeFile(t, broken, "[profile.")
	commands := []string{"login", "env", "upload", "exec", "credentials", "serve", "whoami", "status", "logout", "version", "completion", "agent", "profile-flags", "help", noFiles}
	for _, row := range []struct {
		words, want []string
	}{
		{[]string{"login", "--profile", ""}, []string{"home", "work", noFiles}},
		{[]string{"login", "--config", broken, "--profile", ""}, []string{noFiles}},
		{[]string{"login", "--config", ""}, []string{"toml", byEnding}},
		{[]string{"login", "--output", ""}, []string{"text", "json", noFiles}},
		{[]string{"login", "--timeout", ""}, []string{noFiles}},
		{[]string{"login", "--region", ""}, []string{noFiles}},
		{[]string{"login", "--sign-in", ""}, []string{"auto", "always", "never", noFiles}},
		{[]string{"login", "--ca-bundle", ""}, []string{files}},
		{[]string{"env", "--min-ttl", ""}, []string{noFiles}},
		{[]string{"login", ""}, []string{noFiles}},
		{[]string{"upload", ""}, []string{files}},
		{[]string{"help", ""}, commands},
		{[]string{"help", "login", ""}, []string{noFiles}},
		{[]string{"completion", ""}, []string{"bash", "zsh", "fish", "powershell", noFiles}},
	} {
		app := testApp()
		app.Getenv = func(name string) string { return map[string]string{"DAYPASS_CONFIG_FILE": config}[name] }
		if got := completions(t, app, row.words...); !slices.Equal(got, row.want) {
			t.Errorf("%q: %q, want %q", row.words, got, row.want)
		}
	}
}

// What is wrong with a flag is said in one voice, and never passes in silence.
func TestUsageErrors(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		args []string
		want string
	}{
		{[]string{"login", "--profle", "x"}, "there is no flag --profle; did you mean --profile?"},
		{[]string{"login", "--role-ran=x"}, "there is no flag --role-ran; did you mean --role-arn?"},
		{[]string{"login", "--zzzzzzz"}, "there is no flag --zzzzzzz"},
		{[]string{"login", "-x"}, "there is no flag -x"},
		{[]string{"upload", "-x.jpg"}, "there is no flag -x; a name that begins with - goes after --"},
		{[]string{"login", "--timeout", "5"}, `--timeout: "5" has no unit; such as 5s or 2m`},
		{[]string{"login", "--timeout", "soon"}, `--timeout: "soon" is not a duration; such as 5s or 2m`},
		{[]string{"login", "--quiet=maybe"}, `--quiet: "maybe" is neither true nor false`},
		{[]string{"login", "--issuer", "a", "--issuer", "b"}, `--issuer is given twice: "a" and "b"`},
		{[]string{"login", "--profile"}, "--profile needs a value"},
		{[]string{"login", "---x"}, `"---x" is not how a flag is written`},
		{[]string{"help", "nope"}, `there is no command "nope"`},
		{[]string{"help", "logni"}, `there is no command "logni"; did you mean login?`},
		{[]string{"help", "login", "again"}, `there is no command "again"`},
		{[]string{"completion"}, "there are completions for bash, zsh, fish and powershell"},
		{[]string{"completion", "tcsh"}, "there are completions for bash, zsh, fish and powershell"},
		{[]string{"completion", "bash", "zsh"}, "there are completions for bash, zsh, fish and powershell"},
	} {
		app := testApp()
		code := run(app, row.args...)
		first, _, _ := strings.Cut(app.Err.(*bytes.Buffer).String(), "\n")
		if code != 2 || first != "daypass: "+row.want {
			t.Errorf("%q: exit code %d and %q, want 2 and %q", row.args, code, first, "daypass: "+row.want)
		}
		if out := app.Out.(*bytes.Buffer).String(); out != "" {
			t.Errorf("%q: stdout has %q", row.args, out)
		}
	}
}
