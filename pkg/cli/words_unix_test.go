//go:build unix

package cli

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// splitWords returns the words that a real shell makes of the same text.
func FuzzSplitWords(f *testing.F) {
	for _, seed := range []string{`"/a b/chrome" --incognito`, `/a\ b/chrome`, `~/bin/x`, `a ~ b~ ~b`, `--dir='Profile 1'`,
		`"a\"b" "c\d" 'e\f'`, `a"b c"d`, `'' ""`, `open -a "Google Chrome" %s`, "a\tb\\ c", `~/"x y"`, `"~/x"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsFunc(text, func(r rune) bool {
			return r < ' ' && r != '\t' || r > '~' || strings.ContainsRune("$`|&;<>()*?[]#!{}=", r)
		}) {
			t.Skip("means more to a shell than words")
		}
		got, err := splitWords(text, "/home/alice", false)
		cmd := exec.Command("sh", "-c", `printf '%s\n' `+text)
		cmd.Env = []string{"HOME=/home/alice", "PATH=/usr/bin:/bin"}
		out, shellErr := cmd.Output()
		if strings.HasSuffix(text, `\`) || strings.Contains(text, "~") && !strings.Contains(text, "~/") {
			t.Skip("a lone backslash at the end, or another user's home directory")
		}
		if (err != nil) != (shellErr != nil) {
			t.Fatalf("splitWords(%q): %v; the shell: %v", text, err, shellErr)
		}
		if err != nil || len(got) == 0 {
			return
		}
		if want := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"); !slices.Equal(got, want) {
			t.Errorf("splitWords(%q) = %q, the shell has %q", text, got, want)
		}
	})
}
