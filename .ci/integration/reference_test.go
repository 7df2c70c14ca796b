//go:build integration

package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The man pages and completions can be read by man and the shells.
func TestReferenceIsValid(t *testing.T) {
	t.Parallel()
	for _, check := range []struct {
		files   string
		command []string
	}{
		{"man/*.1", []string{"mandoc", "-T", "lint", "-W", "error"}},
		{"completions/daypass.bash", []string{"bash", "-n"}},
		{"completions/_daypass", []string{"zsh", "-n"}},
		{"completions/daypass.fish", []string{"fish", "--no-execute"}},
	} {
		t.Run(check.command[0], func(t *testing.T) {
			t.Parallel()
			files, err := filepath.Glob("../../" + check.files)
			if err != nil || len(files) == 0 {
				t.Fatalf("no files %s (%v)", check.files, err)
			}
			for _, file := range files {
				r := run(exec.Command(check.command[0], append(check.command[1:], file)...))
				if !r.ok() || strings.TrimSpace(r.stdout+r.stderr) != "" {
					t.Errorf("%s: %s", file, r)
				}
			}
		})
	}
}

// Every release contains both programs.
func TestReleaseContainsBothPrograms(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"    main: ./cmd/daypass\n", "    main: ./cmd/daypass-credentials\n", "    binaries: [daypass, daypass-credentials]\n"} {
		if !strings.Contains(string(text), line) {
			t.Errorf(".goreleaser.yaml has no line %q", line)
		}
	}
}

// The files that the packages list exist, and the cask, which does not support patterns, lists every man page.
func TestReleaseContainsTheReference(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("../../man/*.1")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no man pages (%v)", err)
	}
	for _, page := range pages {
		if line := "- man/" + filepath.Base(page) + "\n"; !strings.Contains(string(text), line) {
			t.Errorf(".goreleaser.yaml has no %q among the cask's manpages", line)
		}
	}
	for _, found := range regexp.MustCompile(`[ \[]((?:completions|man)/[\w.-]+)`).FindAllStringSubmatch(string(text), -1) {
		if _, err := os.Stat("../../" + found[1]); err != nil {
			t.Errorf(".goreleaser.yaml lists a missing file: %v", err)
		}
	}
}
