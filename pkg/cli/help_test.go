package cli

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/daypass/daypass/pkg/profile"
)

// As in Main. It is set before the tests because they run in parallel.
var _ = func() bool { cobra.EnableCommandSorting = false; return false }()

// plainStyle is how help looks in a pipe.
var plainStyle = newStyle(&bytes.Buffer{})

// run is Main without signal handling.
func run(app *App, args ...string) int {
	root := newRootCommand(app)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(context.Background())
	if err == nil {
		return 0
	}
	return app.terminal().fail(context.Background(), cmd, err)
}

// Help fits the terminal, except for lines that people copy.
func TestHelpFits(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 60, helpWidth} {
		for _, cmd := range documented(newRootCommand(testApp())) {
			text := helpText(cmd, plainStyle, width)
			if cmd.IsAdditionalHelpTopicCommand() {
				text = strings.ReplaceAll(profileFlagsText(plainStyle, width), firstProfile, "")
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
			"help           Show help for a command\n", "Topics:\n  profile-flags", "Global flags:\n  -p, --profile NAME ", "--browser CMD", "-h, --help ", "show this help\n",
			"Before the first login, write a profile: daypass help profile-flags\n"}},
		{login, []string{"Signs you in", "\n  daypass login\n", "No browser opens if a stored", "Usage: daypass login [flags]\n", "Flags:\n      --again  ",
			"  -h, --help   show this help\n", "Global flags (daypass --help explains them): --profile, --config,"}},
	} {
		text := helpText(row.cmd, plainStyle, helpWidth)
		for _, part := range row.parts {
			_, after, found := strings.Cut(text, part)
			if !found {
				t.Errorf("%s: %q is missing or in the wrong place:\n%s", row.cmd.Name(), part, helpText(row.cmd, plainStyle, helpWidth))
				break
			}
			text = after
		}
	}
}

// If there is no room beside a name, its text is below it.
func TestNarrowHelp(t *testing.T) {
	t.Parallel()
	text := helpText(newRootCommand(testApp()), plainStyle, 40)
	if want := "      --browser CMD\n      open the sign-in page with this\n      command\n"; !strings.Contains(text, want) {
		t.Errorf("at 40 columns there is no %q:\n%s", want, text)
	}
}

// completions returns the completions after these words, and cobra's directive.
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

// Every mistake in a flag or command is an error of the same style.
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
		{[]string{"upload", "-x.jpg"}, "there is no flag -x; put -- before a file name that begins with -"},
		{[]string{"login", "--timeout", "5"}, `--timeout: "5" has no unit: write 5s or 2m`},
		{[]string{"login", "--timeout", "soon"}, `--timeout: "soon" is not a duration such as 5s or 2m`},
		{[]string{"login", "--quiet=maybe"}, `--quiet: "maybe" is neither true nor false`},
		{[]string{"login", "--issuer", "a", "--issuer", "b"}, `--issuer is given twice: "a" and "b"`},
		{[]string{"login", "--profile"}, "--profile needs a value"},
		{[]string{"serve", "--port", "80x"}, `--port: "80x" is not a whole number`},
		{[]string{"serve", "--port", "99999999999999999999"}, "--port: 99999999999999999999 is too large or too small"},
		{[]string{"serve", "--port", "70000", "--shell", "sh"}, "--port must be 0 to 65535, not 70000"},
		{[]string{"agent", "statsu"}, `there is no command "statsu"; did you mean status?`},
		{[]string{"login", "---x"}, `bad flag syntax: "---x"`},
		{[]string{"help", "nope"}, `there is no command "nope"`},
		{[]string{"help", "logni"}, `there is no command "logni"; did you mean login?`},
		{[]string{"help", "login", "again"}, `there is no command "again"`},
		{[]string{"completion"}, "completion needs one argument: bash, zsh, fish or powershell"},
		{[]string{"completion", "tcsh"}, "completion needs one argument: bash, zsh, fish or powershell"},
		{[]string{"completion", "bash", "zsh"}, "completion needs one argument: bash, zsh, fish or powershell"},
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

// A profile's name as an argument gets a suggestion: many programs take it there.
func TestUnexpectedArgument(t *testing.T) {
	t.Parallel()
	config := t.TempDir() + "/config.toml"
	writeFile(t, config, "[profile.photos]\n[profile.\"my photos\"]\n")
	var commands [][]string
	for _, cmd := range documented(newRootCommand(testApp())) {
		if cmd.Args != nil && cmd.HasParent() && !cmd.HasSubCommands() && cmd.Name() != "upload" && cmd.Name() != "exec" {
			commands = append(commands, strings.Fields(cmd.CommandPath())[1:])
		}
	}
	if len(commands) < 10 {
		t.Fatalf("only %d commands take no arguments: %q", len(commands), commands)
	}
	for _, command := range commands {
		for _, row := range []struct {
			args []string
			want string
		}{
			{[]string{"photos"}, `unexpected argument "photos"; did you mean --profile photos?`},
			{[]string{"my photos"}, `unexpected argument "my photos"; did you mean --profile 'my photos'?`},
			{[]string{"videos"}, `unexpected argument "videos"`},
			{[]string{"photos", "--config", config + ".none"}, `unexpected argument "photos"`},
			{[]string{"photos", "-p", "photos"}, `unexpected argument "photos"`},
		} {
			app := testApp()
			app.Getenv = func(name string) string { return map[string]string{"DAYPASS_CONFIG_FILE": config}[name] }
			code := run(app, append(slices.Clone(command), row.args...)...)
			first, _, _ := strings.Cut(app.Err.(*bytes.Buffer).String(), "\n")
			if code != 2 || first != "daypass: "+row.want {
				t.Errorf("%q %q: exit code %d and %q, want 2 and %q", command, row.args, code, first, "daypass: "+row.want)
			}
		}
	}
}

// Errors about values of flags and variables do not contain Go's own texts.
func TestBadValuesInWords(t *testing.T) {
	t.Parallel()
	inGo := regexp.MustCompile(`strconv|parsing "|invalid (argument|syntax|duration|control)|time: |url: |net/|first path segment`)
	check := func(what string, err error) {
		t.Helper()
		if err != nil && inGo.MatchString(err.Error()) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused := map[string]bool{}
	for _, bad := range []string{"80x", "99999999999999999999", "http://[\x01", "%zz:/", ""} {
		for _, cmd := range documented(newRootCommand(testApp())) {
			cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
				if err := cmd.ParseFlags([]string{"--" + f.Name + "=" + bad}); err != nil {
					check("--"+f.Name+"="+bad, flagError(cmd, err))
					refused[f.Name] = true
				}
			})
		}
		for _, key := range profile.Keys() {
			app := testApp()
			app.Getenv = func(name string) string { return map[string]string{key.Env: bad}[name] }
			newRootCommand(app)
			_, err := app.loadProfile()
			check(key.Env+"="+bad, err)
			app = testApp()
			root := newRootCommand(app)
			if key.Flag != "" && root.ParseFlags([]string{"--" + key.Flag + "=" + bad}) == nil {
				_, err := app.loadProfile()
				check("--"+key.Flag+"="+bad, err)
			}
		}
	}
	for _, name := range []string{"port", "timeout", "min-ttl", "quiet", "again"} {
		if !refused[name] {
			t.Errorf("no bad value of --%s was refused", name)
		}
	}
}
