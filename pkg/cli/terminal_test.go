package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/internal/upload"
)

// narrowed returns a terminal of 40 columns and its output.
func narrowed(app *App) (*terminal, *bytes.Buffer) {
	t := app.terminal()
	t.width = func() int { return 40 }
	return t, app.Err.(*bytes.Buffer)
}

// Errors and warnings are wrapped with a hanging indent.
func TestNarrowErrors(t *testing.T) {
	t.Parallel()
	app := testApp()
	term, shown := narrowed(app)
	term.errorLine("signing in at idp.example.com: nobody came back within 4 s")
	term.warn(errors.New("another browser came to the sign-in page and was sent away"))
	want := "daypass: signing in at idp.example.com:\n" +
		"         nobody came back within 4 s\n" +
		"! another browser came to the sign-in\n" +
		"  page and was sent away\n"
	if shown.String() != want {
		t.Errorf("shown:\n%s\nwant:\n%s", shown, want)
	}
	for line := range strings.Lines(shown.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 40 {
			t.Errorf("%q has %d characters, want 40 at most", line, n)
		}
	}
}

// Failures with the same advice are grouped, and on a terminal counts follow.
func TestUploadFailures(t *testing.T) {
	t.Parallel()
	refused := func(path string) error {
		return &upload.Error{File: upload.File{Path: path}, URL: "s3://photos/u/" + path, Code: "AccessDenied",
			Message: "Access Denied on " + path, HTTPStatus: 403, Err: errors.New("x")}
	}
	app := testApp()
	term, shown := app.terminal(), app.Err.(*bytes.Buffer)
	term.attended = true
	err := term.uploadFailures([]error{refused("a.txt"), &upload.Error{File: upload.File{Path: "b.txt"}, Err: upload.ErrChanged}, refused("c.txt")},
		[]uploadedFile{{Size: 3 << 30}, {Size: 4 << 20}})
	if reported, ok := errors.AsType[*reportedError](err); !ok || reported.exitCode != remedy.ExitPartly {
		t.Errorf("uploadFailures = %v, want exit code %d", err, remedy.ExitPartly)
	}
	const want = `daypass: uploading a.txt: AWS says AccessDenied
daypass: uploading c.txt: AWS says AccessDenied
  answer   Access Denied on a.txt
  object   s3://photos/u/a.txt
  likely   the role's policy does not allow this key in this bucket
  compare  upload.prefix with the s3:PutObject resources of the role's policy
daypass: uploading b.txt: the file changed while it was read
  likely   another program is writing to it
  try      again when that one is done
✓ 2 uploaded, 3 GiB
✗ 3 failed
`
	if shown.String() != want {
		t.Errorf("shown:\n%s\nwant:\n%s", shown, want)
	}
}

// The prompt says where to open the URL: in the browser that opens, on this machine, or on the person's own over SSH.
func TestSignInPrompt(t *testing.T) {
	t.Parallel()
	opening := daypass.BrowserOpening{StartURL: "http://127.0.0.1:8400/start", Host: "idp.example.com"}
	failed := daypass.BrowserFailed{Err: errors.New(`xdg-open: exit status 3`)}
	opens := browsing{wanted: true}
	const inBrowser = "Sign in at idp.example.com in your browser … (Ctrl-C stops)\nNo browser opened? Go to http://127.0.0.1:8400/start\n"
	const elsewhere = "On your own machine, run\nssh -L 8400:127.0.0.1:8400 alice@build-7\nand open\nhttp://127.0.0.1:8400/start\n"
	const here = "Open this URL on this machine:\nhttp://127.0.0.1:8400/start\n"
	const reason = "! cannot open the browser: xdg-open: exit status 3; open the URL above yourself, or choose a browser with --browser CMD\n"
	for _, row := range []struct {
		name    string
		browser browsing
		events  []daypass.Event
		want    string
	}{
		{"a browser", opens, []daypass.Event{opening}, inBrowser},
		{"to sign out", opens, []daypass.Event{daypass.BrowserOpening{StartURL: opening.StartURL, Host: opening.Host, SignOut: true}},
			strings.Replace(inBrowser, "Sign in", "Sign out", 1)},
		{"none wanted", browsing{none: true}, []daypass.Event{opening, daypass.BrowserFailed{Err: errNoBrowser}},
			"Sign in at idp.example.com (Ctrl-C stops)\n" + here},
		{"none wanted, over SSH", browsing{none: true, tunnel: "ssh alice@build-7"}, []daypass.Event{opening},
			"Sign in at idp.example.com (Ctrl-C stops)\n" + elsewhere},
		{"none here", browsing{none: true, wanted: true}, []daypass.Event{opening, daypass.BrowserFailed{Err: errNoneHere}},
			"Sign in at idp.example.com: no browser can be opened here (Ctrl-C stops)\n" + here},
		{"none here, over SSH", browsing{none: true, wanted: true, tunnel: "ssh alice@build-7"}, []daypass.Event{opening},
			"Sign in at idp.example.com: no browser can be opened here (Ctrl-C stops)\n" + elsewhere},
		{"it failed", opens, []daypass.Event{opening, failed}, inBrowser + reason},
		{"it failed, over SSH", browsing{wanted: true, tunnel: "ssh alice@build-7"}, []daypass.Event{opening, failed}, inBrowser + reason + elsewhere},
	} {
		for _, quiet := range []bool{false, true} {
			app := testApp()
			term := app.terminal()
			term.quiet, term.browser = quiet, func() browsing { return row.browser }
			for _, e := range row.events {
				term.event(e)
			}
			if got := app.Err.(*bytes.Buffer).String(); got != row.want {
				t.Errorf("%s, quiet %t:\n%s\nwant:\n%s", row.name, quiet, got, row.want)
			}
		}
	}
}

func TestBrowsing(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		env    map[string]string
		change func(*App)
		want   browsing
	}{
		{"a desktop", map[string]string{"DISPLAY": ":0"}, nil, browsing{wanted: true}},
		{"none", nil, nil, browsing{none: true, wanted: true}},
		{"--no-browser", map[string]string{"DISPLAY": ":0"}, func(app *App) { app.global.noBrowser = true }, browsing{none: true}},
		{"SSH", map[string]string{"SSH_CONNECTION": "192.0.2.7 50022 192.0.2.1 22", "USER": "alice"}, nil,
			browsing{none: true, wanted: true, tunnel: "ssh alice@build-7"}},
		{"SSH at another port", map[string]string{"SSH_CONNECTION": "192.0.2.7 50022 192.0.2.1 2222", "LOGNAME": "alice"}, nil,
			browsing{none: true, wanted: true, tunnel: "ssh -p 2222 alice@build-7"}},
		{"SSH, and nothing else is known", map[string]string{"SSH_TTY": "/dev/pts/1"},
			func(app *App) { app.system.hostname = func() (string, error) { return "", errors.New("no name") } },
			browsing{none: true, wanted: true, tunnel: "ssh HOST"}},
		{"SSH, with odd values", map[string]string{"SSH_CONNECTION": "a b c $(id)", "USER": "a\x1bb c"}, nil,
			browsing{none: true, wanted: true, tunnel: "ssh -p '$(id)' 'ab c@build-7'"}},
	} {
		app := appOn(row.env, "xdg-open")
		if row.change != nil {
			row.change(app)
		}
		if got := app.browsing(); got != row.want {
			t.Errorf("%s: %+v, want %+v", row.name, got, row.want)
		}
	}
}

// At 40 columns the prompt is wrapped at spaces, and its URL is on a line of its own.
func TestNarrowPrompt(t *testing.T) {
	t.Parallel()
	term, shown := narrowed(appOn(map[string]string{"DISPLAY": ":0"}, "xdg-open"))
	term.event(daypass.BrowserOpening{StartURL: "http://127.0.0.1:53682/start", Host: "accounts.google.com"})
	want := "Sign in at accounts.google.com in your\nbrowser … (Ctrl-C stops)\n" +
		"No browser opened? Go to\nhttp://127.0.0.1:53682/start\n"
	if shown.String() != want {
		t.Errorf("shown:\n%s\nwant:\n%s", shown, want)
	}
}
