//go:build integration

package integration

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What ships beside the binary is read by the programs it is meant for.
func TestReferenceIsReadable(t *testing.T) {
	t.Parallel()
	for _, check := range []struct {
		files   string
		command []string
	}{
		{"man/*.1", []string{"mandoc", "-T", "lint", "-W", "error"}},
		{"completions/*bash", []string{"bash", "-n"}},
		{"completions/*zsh", []string{"zsh", "-n"}},
		{"completions/*fish", []string{"fish", "--no-execute"}},
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
