package sandbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The variables name files that exist and are private. No file contains a key.
func TestConfigure(t *testing.T) {
	t.Parallel()
	s := startWith(t, Options{TLS: true})
	dir := t.TempDir()
	environ, err := s.Configure(dir, []string{"/a b/it's", "daypass"})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"AWS_CONFIG_FILE", "DAYPASS_CONFIG_FILE", "DAYPASS_STATE_DIR", "AWS_CA_BUNDLE"} {
		i := strings.Index(strings.Join(environ, "\n")+"\n", name+"="+dir)
		if i < 0 {
			t.Errorf("%s is not among %q", name, environ)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: mode %v, %v, want it private", entry.Name(), info.Mode(), err)
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil || strings.Contains(string(text), "PRIVATE KEY") {
			t.Errorf("%s contains a key, or cannot be read: %v", entry.Name(), err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "aws-config"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"demo", "demo-cognito", "demo-guest"} {
		if !strings.Contains(string(text), "[profile "+name+"]\n") || !strings.Contains(string(text), " daypass credentials --profile "+name+"\n") {
			t.Errorf("aws-config lacks profile %s:\n%s", name, text)
		}
	}
}

// The profiles of a rehearsal follow from the policies.
func TestConfigureForOwnPolicies(t *testing.T) {
	t.Parallel()
	s := startWith(t, Options{TrustPolicy: []byte(googleTrust), Permissions: []byte(googlePermissions)})
	text := s.daypassConfig()
	for _, want := range []string{`client_id = "1234.apps.googleusercontent.com"`, `bucket = "your-photo-bucket"`, `prefix = "home/{sub}/"`} {
		if !strings.Contains(text, want) {
			t.Errorf("config.toml lacks %s:\n%s", want, text)
		}
	}
}
