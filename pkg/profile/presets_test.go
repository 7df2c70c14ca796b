package profile

import (
	"strings"
	"testing"
)

func TestPresets(t *testing.T) {
	t.Parallel()
	for _, p := range presets() {
		if err := checkSecureURL(p.issuer); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
		if found, ok := findPreset(p.name); !ok || found.issuer != p.issuer {
			t.Errorf("%s is not found", p.name)
		}
	}
	s := source(t, minimal, nil, map[string][]string{"login.preset": {"gitlab"}, "login.scopes": {""}})
	if p := load(t, s); p.Login.Issuer != "https://file.example.com" || strings.Join(p.Login.Scopes, " ") != "openid email" {
		t.Errorf("a preset replaced a value that was set: %+v", p.Login)
	}
}
