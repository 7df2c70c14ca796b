//go:build !windows

package sandbox

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A shell parses the quoted words back.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	words := []string{"/plain/path", "a b", "it's", `"`, `\`, "$HOME", "`id`", "", "#x", ";", "é"}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", "printf '%s\\n' "+commandLine(words)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"); !slices.Equal(got, words) {
		t.Errorf("a shell reads %q, want %q", got, words)
	}
}
