package main

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

// The scripts run the whole program.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"daypass-sandbox": func() { os.Exit(run(context.Background(), os.Args[1:], system("1.2.3"))) },
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

// gone checks that nothing is left of a sandbox: no directory, no agent.
func gone(ts *testscript.TestScript, _ bool, _ []string) {
	left, err := os.ReadDir(ts.MkAbs("t"))
	ts.Check(err)
	for _, entry := range left {
		ts.Fatalf("%s is left", entry.Name())
	}
	for deadline := time.Now().Add(5 * time.Second); agentOf(ts.MkAbs("t")) != ""; { // it ends in a moment
		if time.Now().After(deadline) {
			ts.Fatalf("an agent is left: %q", agentOf(ts.MkAbs("t")))
		}
	}
}

// agentOf is the command line of a process that has to do with the directory; "" where none has, or
// where there is no /proc to tell.
func agentOf(dir string) string {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range lines {
		if text, err := os.ReadFile(path); err == nil && strings.Contains(string(text), "--dir\x00"+dir+"/") {
			return string(text)
		}
	}
	return ""
}

// The program that people install has nothing of the sandbox in it.
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

// A browser of ours opens nothing but pages of this machine.
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

// What would lead a program elsewhere is not in its environment.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	c := &cloud{
		tool:    &tool{environ: []string{"HOME=/h", "AWS_ACCESS_KEY_ID=AKIA", "DAYPASS_ISSUER=https://idp.example.com", "NO_PROXY=corp"}},
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

// No line of any help text is broken by a terminal of 80 columns.
func TestHelpFits(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"demo", "--help"}, {"run", "--help"}, {"help", "faults"}, {"help", "daypass"}, {"help", "help"}} {
		var out strings.Builder
		tool := system("1.2.3")
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
