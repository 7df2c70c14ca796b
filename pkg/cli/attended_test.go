package cli

import (
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/profile"
)

// appOn returns an App on Linux with that environment and those installed programs.
func appOn(env map[string]string, programs ...string) *App {
	app := testApp()
	app.Getenv = func(name string) string { return env[name] }
	app.system.lookPath = func(program string) (string, error) {
		if !slices.Contains(programs, filepath.Base(program)) {
			return "", &exec.Error{Name: program, Err: exec.ErrNotFound}
		}
		return program, nil
	}
	return app
}

// A sign-in may start only if the person can be prompted.
func TestMayPrompt(t *testing.T) {
	t.Parallel()
	const auto, always, never = profile.SignInAuto, profile.SignInAlways, profile.SignInNever
	x11, ssh := map[string]string{"DISPLAY": ":0"}, map[string]string{"SSH_CONNECTION": "x"}
	all := []string{"xdg-open", "firefox", "wslview"}
	nobody, needed, broken := remedy.ErrNobodyHere, broker.ErrSignInNeeded, errors.ErrUnsupported
	for _, row := range []struct {
		name              string
		signIn            profile.SignIn
		env               map[string]string
		programs          []string
		change            func(*App)
		background, asked error // broken: any *browserError
	}{
		{"nothing at all", auto, nil, all, nil, nobody, nobody},
		{"always", always, nil, nil, nil, nil, nil},
		{"never, with a desktop", never, x11, all, nil, needed, nil},
		{"X11", auto, x11, all, nil, nil, nil},
		{"X11 without any browser", auto, x11, nil, nil, nobody, nobody},
		{"Wayland", auto, map[string]string{"WAYLAND_DISPLAY": "wayland-0"}, all, nil, nil, nil},
		{"SSH", auto, ssh, all, nil, nobody, nobody},
		{"SSH with X11 forwarding", auto, map[string]string{"SSH_CONNECTION": "x", "DISPLAY": "localhost:10"}, all, nil, nil, nil},
		{"SSH with BROWSER, as editors set it", auto, map[string]string{"SSH_CONNECTION": "x", "BROWSER": "/srv/helpers/firefox"}, all, nil, nil, nil},
		{"BROWSER that is not installed", auto, map[string]string{"BROWSER": "chrome"}, all, nil, nobody, nobody},
		{"BROWSER that needs a terminal", auto, map[string]string{"BROWSER": "w3m"}, []string{"w3m"}, nil, nobody, nobody},
		{"WSL", auto, map[string]string{"WSL_DISTRO_NAME": "Debian"}, all, nil, nil, nil},
		{"WSL, known by its kernel", auto, nil, all, func(app *App) { app.system.wsl = func() bool { return true } }, nil, nil},
		{"WSL over SSH", auto, map[string]string{"WSL_DISTRO_NAME": "Debian", "SSH_CONNECTION": "x"}, all, nil, nobody, nobody},
		{"macOS", auto, nil, []string{"open"}, func(app *App) { app.system.os = "darwin" }, nil, nil},
		{"macOS over SSH", auto, ssh, []string{"open"}, func(app *App) { app.system.os = "darwin" }, nobody, nobody},
		{"Windows", auto, nil, []string{"rundll32.exe"}, func(app *App) { app.system.os = "windows" }, nil, nil},
		{"a browser by flag", auto, nil, all, func(app *App) { app.global.browser = "firefox" }, nil, nil},
		{"a browser by variable", auto, map[string]string{"DAYPASS_BROWSER": "firefox"}, all, nil, nil, nil},
		{"a browser that is not installed", auto, x11, all, func(app *App) { app.global.browser = "firefoxx" }, broken, broken},
		{"the same with always", always, nil, all, func(app *App) { app.global.browser = "firefoxx" }, broken, broken},
		{"--no-browser", auto, x11, all, func(app *App) { app.global.noBrowser = true }, nobody, nil},
	} {
		app := appOn(row.env, row.programs...)
		if row.change != nil {
			row.change(app)
		}
		p := profile.Profile{SignIn: row.signIn}
		for what, check := range map[string]struct{ got, want error }{
			"background": {app.checkBackgroundSignIn(p), row.background}, "asked": {app.checkSignIn(p), row.asked},
		} {
			_, isBroken := errors.AsType[*browserError](check.got)
			if isBroken != (check.want == broken) || check.want != broken && !errors.Is(check.got, check.want) {
				t.Errorf("%s, %s: %v, want %v", row.name, what, check.got, check.want)
			}
		}
	}
}
