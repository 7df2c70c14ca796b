package cli

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/internal/remedy"
)

var update = flag.Bool("update", false, "rewrite completions/ and man/ from the command tree")

// reference returns the files that are generated from the command tree, by their paths.
func reference(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	generate := func(path string, write func(w io.Writer) error) {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		files[path] = b.String()
	}
	root := newRootCommand(testApp())
	generate("completions/daypass.bash", func(w io.Writer) error { return root.GenBashCompletionV2(w, true) })
	generate("completions/_daypass", root.GenZshCompletion)
	generate("completions/daypass.fish", func(w io.Writer) error { return root.GenFishCompletion(w, true) })
	generate("completions/daypass.ps1", root.GenPowerShellCompletionWithDesc)
	for _, cmd := range documented(root) {
		files["man/"+pageName(cmd)+".1"] = manPage(cmd)
	}
	return files
}

// documented returns the commands that have a man page: all that are not hidden, and the help topics.
func documented(cmd *cobra.Command) []*cobra.Command {
	pages := []*cobra.Command{cmd}
	for _, child := range cmd.Commands() {
		if !child.Hidden && child.Name() != "help" {
			pages = append(pages, documented(child)...)
		}
	}
	return pages
}

// The README has the same exit codes as the man pages.
func TestReadmeExitCodes(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range remedy.ExitCodes() {
		if row := fmt.Sprintf("| %d | %s |", code.Number, code.Meaning); !strings.Contains(string(readme), row) {
			t.Errorf("the README has no row %q", row)
		}
	}
}

func TestReference(t *testing.T) {
	t.Parallel()
	const top = "../.."
	files := reference(t)
	if *update {
		for _, dir := range []string{"completions", "man"} {
			if err := os.RemoveAll(filepath.Join(top, dir)); err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(filepath.Join(top, dir), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		for path, text := range files {
			if err := os.WriteFile(filepath.Join(top, path), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	for path, want := range files {
		got, err := os.ReadFile(filepath.Join(top, path))
		if err != nil || string(got) != want {
			t.Errorf("%s is not what the command tree generates (%v): run go test ./pkg/cli -run TestReference -update", path, err)
		}
	}
	for _, dir := range []string{"completions", "man"} {
		entries, err := os.ReadDir(filepath.Join(top, dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if _, ok := files[dir+"/"+entry.Name()]; !ok {
				t.Errorf("%s/%s belongs to no command", dir, entry.Name())
			}
		}
	}
}

// Every command has a short text, a long text and an example.
func TestEveryCommandHasHelp(t *testing.T) {
	t.Parallel()
	for _, cmd := range documented(newRootCommand(testApp())) {
		if cmd.IsAdditionalHelpTopicCommand() {
			continue
		}
		if cmd.Short == "" || cmd.Long == "" || cmd.Example == "" {
			t.Errorf("%s lacks Short, Long or Example", cmd.CommandPath())
		}
	}
}
