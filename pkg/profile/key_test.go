package profile

import (
	"strings"
	"testing"
)

func TestKeyNames(t *testing.T) {
	t.Parallel()
	want := map[string][2]string{
		"config":               {"config", "DAYPASS_CONFIG_FILE"},
		"profile":              {"profile", "DAYPASS_PROFILE"},
		"region":               {"region", "DAYPASS_REGION"},
		"sign_in":              {"sign-in", "DAYPASS_SIGN_IN"},
		"login.issuer":         {"issuer", "DAYPASS_ISSUER"},
		"login.client_id":      {"client-id", "DAYPASS_CLIENT_ID"},
		"login.client_secret":  {"", "DAYPASS_CLIENT_SECRET"},
		"login.redirect_uri":   {"redirect-uri", "DAYPASS_REDIRECT_URI"},
		"role.session_name":    {"role-session-name", "DAYPASS_ROLE_SESSION_NAME"},
		"identity_pool.id":     {"identity-pool-id", "DAYPASS_IDENTITY_POOL_ID"},
		"upload.bucket":        {"upload-bucket", "DAYPASS_UPLOAD_BUCKET"},
		"endpoints.path_style": {"endpoints-path-style", "DAYPASS_ENDPOINTS_PATH_STYLE"},
	}
	for _, k := range keys() {
		if names, ok := want[k.Path]; ok && names != [2]string{k.Flag, k.Env} {
			t.Errorf("%s: %q, want %q", k.Path, [2]string{k.Flag, k.Env}, names)
		}
		delete(want, k.Path)
	}
	for path := range want {
		t.Errorf("there is no key %s", path)
	}
}

func TestKeysAreDistinctAndExplained(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, k := range keys() {
		for _, name := range []string{k.Path, "--" + k.Flag, k.Env} {
			if other := seen[name]; other != "" && name != "--" {
				t.Errorf("%s: %s also has %q", k.Path, other, name)
			}
			seen[name] = k.Path
		}
		if k.Usage == "" || strings.HasSuffix(k.Usage, ".") {
			t.Errorf("%s: usage %q", k.Path, k.Usage)
		}
		if k.Kind == KindSecret && k.Flag != "" {
			t.Errorf("%s: a secret has the flag %q", k.Path, k.Flag)
		}
	}
}

// Every key is read from its variable: either the value is refused or the origin is the variable.
func TestEveryKeyIsRead(t *testing.T) {
	t.Parallel()
	for _, k := range keys() {
		if !k.inProfile() {
			continue
		}
		s := Source{Getenv: func(name string) string {
			if name == k.Env {
				return "x\x01"
			}
			return ""
		}, Flags: inOrder()}
		delete(s.Flags, k.Path)
		p, err := Load(s)
		if err == nil && p.Origin(k.Path) != k.Env || err != nil && !strings.Contains(err.Error(), k.Env) {
			t.Errorf("%s: origin %q, error %v", k.Env, p.Origin(k.Path), err)
		}
	}
}
