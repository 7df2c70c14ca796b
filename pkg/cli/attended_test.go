package cli

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/daypass/daypass/pkg/profile"
)

// When a command that was not asked to sign in may do so: where somebody can see it.
func TestMaySignIn(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("macOS and Windows have a desktop without any variable")
	}
	for _, row := range []struct {
		name    string
		signIn  profile.SignIn
		env     map[string]string
		browser string
		want    bool
	}{
		{"nothing at all", profile.SignInAuto, nil, "", false},
		{"always", profile.SignInAlways, nil, "", true},
		{"never, with a desktop", profile.SignInNever, map[string]string{"DISPLAY": ":0"}, "firefox", false},
		{"X11", profile.SignInAuto, map[string]string{"DISPLAY": ":0"}, "", true},
		{"Wayland", profile.SignInAuto, map[string]string{"WAYLAND_DISPLAY": "wayland-0"}, "", true},
		{"SSH", profile.SignInAuto, map[string]string{"SSH_CONNECTION": "x"}, "", false},
		{"SSH with X11 forwarding", profile.SignInAuto, map[string]string{"SSH_CONNECTION": "x", "DISPLAY": "localhost:10"}, "", true},
		{"a browser by flag", profile.SignInAuto, nil, "firefox", true},
		{"a browser by variable", profile.SignInAuto, map[string]string{"DAYPASS_BROWSER": "firefox"}, "", true},
	} {
		app := testApp()
		app.Err = &bytes.Buffer{}
		app.Getenv = func(name string) string { return row.env[name] }
		app.global.browser = row.browser
		if got := app.maySignIn(profile.Profile{SignIn: row.signIn}); got != row.want {
			t.Errorf("%s: %t, want %t", row.name, got, row.want)
		}
	}
}
