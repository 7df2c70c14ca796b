package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkStart measures the startup costs other than the process: the command tree and loading a profile.
func BenchmarkStart(b *testing.B) {
	config := filepath.Join(b.TempDir(), "config.toml")
	text := []byte(configFile)
	for _, url := range []string{"https://idp.example.com", "", "", ""} {
		text = bytes.Replace(text, []byte("%q"), []byte(`"`+url+`"`), 1)
	}
	if err := os.WriteFile(config, text, 0o600); err != nil {
		b.Fatal(err)
	}
	b.Run("tree", func(b *testing.B) {
		for b.Loop() {
			newRootCommand(testApp())
		}
	})
	b.Run("tree and profile", func(b *testing.B) {
		for b.Loop() {
			app := testApp()
			newRootCommand(app)
			app.global.config = config
			if _, err := app.loadProfile(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
