//go:build unix

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Launchers are tried until one succeeds. If none does, the error names each with its reason.
func TestOpenBrowser(t *testing.T) {
	dir := t.TempDir()
	script := func(name, body string) launcher {
		path := filepath.Join(dir, name)
		writeFile(t, path, "#!/bin/sh\n"+body+"\n")
		if err := os.Chmod(path, 0o700); err != nil {
			t.Fatal(err)
		}
		return launcher{path}
	}
	opened := filepath.Join(dir, "opened")
	fails, works := script("fails", "exit 3"), script("works", `echo "$1" >> "`+opened+`"`)
	garbage := launcher{filepath.Join(dir, "garbage")}
	writeFile(t, garbage[0], "")
	if err := openBrowser([]launcher{fails, works, works}, "http://127.0.0.1/start", false); err != nil {
		t.Errorf("openBrowser = %v, want the second launcher to succeed", err)
	}
	if text, err := os.ReadFile(opened); err != nil || strings.Count(string(text), "http://127.0.0.1/start\n") != 1 {
		t.Errorf("opened %q (%v), want the URL once", text, err)
	}
	err := openBrowser([]launcher{fails, garbage}, "http://127.0.0.1/start", false)
	if want := "fails: exit status 3; garbage: permission denied"; err == nil || err.Error() != want {
		t.Errorf("openBrowser = %v, want %q", err, want)
	}
}
