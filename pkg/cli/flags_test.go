package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/daypass/daypass/pkg/profile"
)

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The profile in the help is valid.
func TestFirstProfile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "config.toml")
	writeFile(t, file, firstProfile)
	p, err := profile.Load(profile.Source{File: file})
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "photos" || p.Upload.Bucket == "" {
		t.Errorf("profile %q uploads to %q", p.Name, p.Upload.Bucket)
	}
}
