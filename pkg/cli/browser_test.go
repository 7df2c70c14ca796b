package cli

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Launchers are tried in this order. U is the URL, "" the system's browser.
func TestLaunchers(t *testing.T) {
	t.Parallel()
	const chrome, spaced = "/opt/chrome", "/a b/chrome"
	for _, row := range []struct {
		name     string
		os       string
		env      map[string]string // HOME is /home/alice
		programs []string
		want     string // one line each, words in quotes
	}{
		{"a name", "linux", map[string]string{"DAYPASS_BROWSER": "firefox"}, []string{"firefox"}, `"firefox" "U"`},
		{"words", "linux", map[string]string{"DAYPASS_BROWSER": " firefox  --new-window "}, []string{"firefox"}, `"firefox" "--new-window" "U"`},
		{"a path with a space", "linux", map[string]string{"DAYPASS_BROWSER": spaced}, []string{spaced}, `"/a b/chrome" "U"`},
		{"the same in quotes, with a flag", "linux", map[string]string{"DAYPASS_BROWSER": `"/a b/chrome" --incognito`}, []string{spaced}, `"/a b/chrome" "--incognito" "U"`},
		{"the same with a backslash", "linux", map[string]string{"DAYPASS_BROWSER": `/a\ b/chrome --incognito`}, []string{spaced}, `"/a b/chrome" "--incognito" "U"`},
		{"a quoted value", "linux", map[string]string{"DAYPASS_BROWSER": `/opt/chrome --profile-directory='Profile 1'`}, []string{chrome}, `"/opt/chrome" "--profile-directory=Profile 1" "U"`},
		{"the home directory", "linux", map[string]string{"DAYPASS_BROWSER": `~/bin/chrome --flags ~/x`}, []string{"/home/alice/bin/chrome"}, `"/home/alice/bin/chrome" "--flags" "/home/alice/x" "U"`},
		{"the home directory, whole", "linux", map[string]string{"DAYPASS_BROWSER": `~/my bin/chrome`}, []string{"/home/alice/my bin/chrome"}, `"/home/alice/my bin/chrome" "U"`},
		{"%s", "linux", map[string]string{"DAYPASS_BROWSER": `/opt/chrome --app=%s --incognito`}, []string{chrome}, `"/opt/chrome" "--app=U" "--incognito"`},
		{"no shell", "linux", map[string]string{"DAYPASS_BROWSER": `/opt/chrome $HOME;true`}, []string{chrome}, `"/opt/chrome" "$HOME;true" "U"`},
		{"not installed", "linux", map[string]string{"DAYPASS_BROWSER": "firefoxx"}, nil, ``},

		{"BROWSER, a list", "linux", map[string]string{"BROWSER": "nowhere:firefox -P %s x:'/a b/chrome':lynx"}, []string{"firefox", spaced, "lynx"},
			`"firefox" "-P" "U" "x"` + "\n" + `"/a b/chrome" "U"`},
		{"BROWSER, then the desktop's", "linux", map[string]string{"BROWSER": "firefox", "DISPLAY": ":0"}, []string{"firefox", "xdg-open"},
			`"firefox" "U"` + "\n" + `"" "U"`},
		{"DAYPASS_BROWSER before BROWSER", "linux", map[string]string{"BROWSER": "firefox", "DAYPASS_BROWSER": chrome}, []string{"firefox", chrome}, `"/opt/chrome" "U"`},
		{"the desktop's", "linux", map[string]string{"DISPLAY": ":0"}, []string{"x-www-browser", "xdg-open"}, `"" "U"`},
		{"no desktop", "linux", nil, []string{"xdg-open"}, ``},
		{"WSL", "linux", map[string]string{"WSL_INTEROP": "/run/x"}, []string{"xdg-open", "wslview", "rundll32.exe"},
			`"wslview" "U"` + "\n" + `"rundll32.exe" "url.dll,FileProtocolHandler" "U"` + "\n" + `"" "U"`},
		{"WSL without Windows' PATH", "linux", map[string]string{"WSL_INTEROP": "/run/x"}, []string{"/mnt/c/Windows/System32/rundll32.exe"},
			`"/mnt/c/Windows/System32/rundll32.exe" "url.dll,FileProtocolHandler" "U"`},
		{"macOS", "darwin", nil, nil, `"" "U"`},
		{"FreeBSD", "freebsd", map[string]string{"DISPLAY": ":0"}, []string{"xdg-open"}, `"" "U"`},

		{"Windows", "windows", nil, nil, `"" "U"`},
		{"Windows, BROWSER", "windows", map[string]string{"BROWSER": `C:\Web\firefox.exe -P %s`}, []string{`C:\Web\firefox.exe`}, `"C:\\Web\\firefox.exe" "-P" "U"` + "\n" + `"" "U"`},
		{"Windows, a path with a space", "windows", map[string]string{"DAYPASS_BROWSER": `"C:\Program Files\chrome.exe" --incognito`}, []string{`C:\Program Files\chrome.exe`},
			`"C:\\Program Files\\chrome.exe" "--incognito" "U"`},
	} {
		env := map[string]string{"HOME": "/home/alice"}
		for name, value := range row.env {
			env[name] = value
		}
		app := testApp()
		app.Getenv = func(name string) string { return env[name] }
		app.system.os = row.os
		app.system.lookPath = func(program string) (string, error) {
			if !slices.Contains(row.programs, program) {
				return "", &exec.Error{Name: program, Err: exec.ErrNotFound}
			}
			return program, nil
		}
		var lines []string
		for _, l := range app.launchers() {
			var words []string
			for _, word := range l.withURL("U") {
				words = append(words, fmt.Sprintf("%q", word))
			}
			lines = append(lines, strings.Join(words, " "))
		}
		if got := strings.Join(lines, "\n"); got != row.want {
			t.Errorf("%s:\n%s\nwant:\n%s", row.name, got, row.want)
		}
	}
}

// The error for a chosen browser that cannot be started names it, the reason, and DAYPASS_BROWSER if that chose it.
func TestCheckBrowser(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ flag, variable, want string }{
		{"", "", ""},
		{"firefox", "nowhere", ""},
		{"firefoxx", "", "cannot start the browser: firefoxx: not found"},
		{"firefoxx --new-window", "", "cannot start the browser: firefoxx: not found"},
		{"", "firefoxx", "cannot start the browser in DAYPASS_BROWSER: firefoxx: not found"},
		{"  ", "", "cannot start the browser: the command is empty"},
		{`"/a b/chrome`, "", `cannot start the browser: "/a b/chrome: unterminated quote`},
	} {
		app := appOn(map[string]string{"DAYPASS_BROWSER": row.variable}, "firefox")
		app.global.browser = row.flag
		got := ""
		if err := app.checkBrowser(); err != nil {
			got = err.Error()
		}
		if got != row.want {
			t.Errorf("--browser %q, DAYPASS_BROWSER %q: %q, want %q", row.flag, row.variable, got, row.want)
		}
	}
}
