package profile

import (
	"runtime"
	"testing"
)

func TestConfigDir(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the platform's own directory")
	}
	for _, tt := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"HOME": "/home/a"}, "/home/a/.config/daypass/config.toml"},
		{map[string]string{"HOME": "/home/a", "XDG_CONFIG_HOME": "/x"}, "/x/daypass/config.toml"},
		{map[string]string{"HOME": "/home/a", "XDG_CONFIG_HOME": "x"}, "/home/a/.config/daypass/config.toml"},
		{map[string]string{"HOME": "/home/a", "DAYPASS_CONFIG_FILE": "c.toml"}, "c.toml"},
		{nil, ""},
	} {
		if got, _ := (Source{Getenv: func(name string) string { return tt.env[name] }}).configFile(); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.env, got, tt.want)
		}
	}
}
