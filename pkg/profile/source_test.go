package profile

import (
	"path/filepath"
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

func TestStateDir(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the platform's own directory")
	}
	here, err := filepath.Abs("here")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"HOME": "/home/a"}, "/home/a/.local/state/daypass"},
		{map[string]string{"HOME": "/home/a", "XDG_STATE_HOME": "/x"}, "/x/daypass"},
		{map[string]string{"HOME": "/home/a", "XDG_STATE_HOME": "x"}, "/home/a/.local/state/daypass"},
		{map[string]string{"XDG_STATE_HOME": "/x"}, "/x/daypass"},
		{map[string]string{"HOME": "/home/a", "XDG_STATE_HOME": "/x", "DAYPASS_STATE_DIR": "/own"}, "/own"},
		{map[string]string{"DAYPASS_STATE_DIR": "here"}, here},
		{map[string]string{"HOME": "home"}, ""},
		{nil, ""},
	} {
		if got := StateDir(func(name string) string { return tt.env[name] }); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.env, got, tt.want)
		}
	}
	if got := StateDir(nil); got != "" {
		t.Errorf("without variables: %q, want none", got)
	}
}
