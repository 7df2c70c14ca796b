package command

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts run the complete program.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"daypass-sandbox": func() { os.Exit(Main(context.Background(), os.Args[1:], System("1.2.3"))) },
	})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("TMPDIR", env.Getenv("WORK")+"/t")
			return os.Mkdir(env.Getenv("WORK")+"/t", 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"gone": gone},
	})
}

// gone checks that a sandbox has left no directory and no process. «gone soon» waits for that, for a sandbox that was
// killed.
func gone(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs("t")
	left := func() string { return leftIn(ts, dir) }
	if len(args) == 0 {
		if name := left(); name != "" {
			ts.Fatalf("%s was not removed", name)
		}
	}
	for deadline := time.Now().Add(5 * time.Second); left() != "" || processOf(dir) != ""; {
		if time.Now().After(deadline) {
			ts.Fatalf("file %q and process %q were not removed", left(), processOf(dir))
		}
	}
}

// leftIn returns the name of a file in the directory, or "" if there is none.
func leftIn(ts *testscript.TestScript, dir string) string {
	entries, err := os.ReadDir(dir)
	ts.Check(err)
	if len(entries) == 0 {
		return ""
	}
	return entries[0].Name()
}

// processOf returns the command line or environment of a process that refers to the directory. It returns "" if there
// is none, or no /proc.
func processOf(dir string) string {
	for _, file := range []string{"cmdline", "environ"} {
		paths, _ := filepath.Glob("/proc/[0-9]*/" + file)
		for _, path := range paths {
			if text, err := os.ReadFile(path); err == nil && strings.Contains(string(text), dir+"/") {
				return string(text)
			}
		}
	}
	return ""
}

// The program daypass does not contain the sandbox.
func TestDaypassDoesNotContainIt(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "github.com/daypass/daypass/cmd/daypass").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := string(out)
	if !strings.Contains(deps, "daypass/pkg/cli\n") {
		t.Fatalf("go list -deps lists no pkg/cli:\n%s", deps)
	}
	for _, unwanted := range []string{"daypass/pkg/sandbox", "gofakes3", "go.shabbyrobe.org"} {
		if strings.Contains(deps, unwanted) {
			t.Errorf("daypass contains %s", unwanted)
		}
	}
}

// Our browser only opens pages of this machine.
func TestIsLoopbackURL(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"http://127.0.0.1:1/start": true, "http://localhost:8400/": true, "https://[::1]:1/": true,
		"http://example.com/": false, "file:///etc/passwd": false, "127.0.0.1": false, "http://127.0.0.1.example.com/": false, "": false,
	} {
		if got := isLoopbackURL(address); got != want {
			t.Errorf("isLoopbackURL(%q) = %t, want %t", address, got, want)
		}
	}
}

// The environment has no variable that points programs elsewhere.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	c := &cloud{
		tool:    &Tool{environ: []string{"HOME=/h", "AWS_ACCESS_KEY_ID=AKIA", "DAYPASS_ISSUER=https://idp.example.com", "NO_PROXY=corp"}},
		environ: []string{"AWS_PROFILE=demo"},
	}
	environ := c.environment("X=1")
	for name, want := range map[string]string{
		"HOME": "/h", "AWS_ACCESS_KEY_ID": "", "DAYPASS_ISSUER": "", "AWS_PROFILE": "demo", "X": "1", "NO_PROXY": "corp,127.0.0.1,localhost",
	} {
		if got := lookup(environ, name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}

// No line of a help text is wrapped by a terminal of 80 columns.
func TestHelpFits(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"demo", "--help"}, {"run", "--help"}, {"help", "faults"}, {"help", "daypass"}, {"help", "help"}} {
		var out strings.Builder
		tool := System("1.2.3")
		tool.out, tool.err = &out, &out
		root := newRootCommand(tool)
		root.SetArgs(args)
		if err := root.Execute(); err != nil {
			t.Errorf("%q: %v", args, err)
		}
		for line := range strings.Lines(out.String()) {
			if columns := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); columns > 80 {
				t.Errorf("%q has a line of %d columns: %s", args, columns, line)
			}
		}
		for _, unwanted := range []string{"`", "Use \"daypass-sandbox", "daypass --help"} {
			if strings.Contains(out.String(), unwanted) {
				t.Errorf("%q has %q:\n%s", args, unwanted, out.String())
			}
		}
	}
}

func TestOldVersion(t *testing.T) {
	t.Parallel()
	for text, old := range map[string]bool{
		"aws-cli/2.9.19 Python/3.11.2 Linux": true, "aws-cli/2.12.7": true, "aws-cli/1.28.85": true, "aws-cli/2.13.0": false,
		"aws-cli/1.29.0": false, "aws-cli/2.31.3": false, "aws-cli/3.0.0": false, "": false, "another aws": false,
	} {
		if got := oldVersion(text); (got != "") != old {
			t.Errorf("oldVersion(%q) = %q, want it old: %t", text, got, old)
		}
	}
}

// The commands that the demo shows at its end are in README.md.
func TestNextSteps(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range nextSteps {
		_, section, found := strings.Cut(string(readme), "\n## "+step[0]+"\n")
		section, _, _ = strings.Cut(section, "\n## ")
		if !found || !strings.Contains(section, step[1]) {
			t.Errorf("README.md has no section %q with %q", step[0], step[1])
		}
	}
}
