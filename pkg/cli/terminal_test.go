package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/daypass/daypass/pkg/login"
	"github.com/daypass/daypass/pkg/remedy"
	"github.com/daypass/daypass/pkg/upload"
)

// narrowed is a terminal of 40 columns, and what it shows.
func narrowed(app *App) (*terminal, *bytes.Buffer) {
	t := app.terminal()
	t.width = func() int { return 40 }
	return t, app.Err.(*bytes.Buffer)
}

// Heads and warnings are broken at spaces, below their own beginning.
func TestNarrowHead(t *testing.T) {
	t.Parallel()
	app := testApp()
	term, shown := narrowed(app)
	term.head("signing in at idp.example.com: nobody came back within 4 s")
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

// Files that fail alike are told under one advice, and at a terminal the end counts.
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
	if partly, ok := errors.AsType[*partly](err); !ok || partly.exitCode != remedy.ExitPartly {
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

// Who wants no browser gets the URL alone on its line, and who is elsewhere a way to it.
func TestSignInPrompt(t *testing.T) {
	t.Parallel()
	opening := login.BrowserOpening{StartURL: "http://127.0.0.1:8400/start", Host: "idp.example.com"}
	failed := login.BrowserFailed{Err: errors.New(`running "xdg-open": exit status 3`)}
	for _, row := range []struct {
		name   string
		change func(*terminal)
		events []login.Event
		want   string
	}{
		{"a browser", func(*terminal) {}, []login.Event{opening},
			"Sign in at idp.example.com in your browser … (Ctrl-C stops)\nNo browser opened? Go to http://127.0.0.1:8400/start\n"},
		{"none wanted", func(t *terminal) { t.browser.none = true }, []login.Event{opening, login.BrowserFailed{Err: errNoBrowser}},
			"Sign in at idp.example.com: open this on this machine (Ctrl-C stops)\nhttp://127.0.0.1:8400/start\n"},
		{"none wanted, over SSH", func(t *terminal) { t.browser.none, t.browser.remote = true, true }, []login.Event{opening},
			"Sign in at idp.example.com: open this on this machine (Ctrl-C stops)\nhttp://127.0.0.1:8400/start\n" +
				"over SSH: fix redirect_uri in the profile and forward its port: ssh -L 8400:127.0.0.1:8400 HOST\n"},
		{"it failed", func(t *terminal) { t.quiet = true }, []login.Event{opening, failed},
			"Sign in at idp.example.com in your browser … (Ctrl-C stops)\nNo browser opened? Go to http://127.0.0.1:8400/start\n" +
				"! no browser could be opened here; open the address above yourself, or name one: --browser CMD\n"},
		{"it failed, over SSH, --verbose, fixed port", func(t *terminal) { t.verbose, t.browser.remote, t.browser.fixed = true, true, true }, []login.Event{opening, failed},
			"Sign in at idp.example.com in your browser … (Ctrl-C stops)\nNo browser opened? Go to http://127.0.0.1:8400/start\n" +
				"! no browser could be opened here; open the address above yourself, or name one: --browser CMD (running \"xdg-open\": exit status 3)\n" +
				"over SSH: forward its port: ssh -L 8400:127.0.0.1:8400 HOST\n"},
	} {
		app := testApp()
		term := app.terminal()
		row.change(term)
		for _, e := range row.events {
			term.event(e)
		}
		if got := app.Err.(*bytes.Buffer).String(); got != row.want {
			t.Errorf("%s:\n%s\nwant:\n%s", row.name, got, row.want)
		}
	}
}

func TestBrowsing(t *testing.T) {
	t.Parallel()
	app := testApp()
	if got := app.browsing(); got != (browsing{}) {
		t.Errorf("browsing() = %+v, want nothing", got)
	}
	app.Getenv = func(name string) string { return map[string]string{"SSH_CONNECTION": "x"}[name] }
	app.global.noBrowser = true
	app.loaded.Login.RedirectURIs = []string{"http://127.0.0.1/cb", "http://127.0.0.1:8400/cb"}
	if got, want := app.browsing(), (browsing{none: true, remote: true, fixed: true}); got != want {
		t.Errorf("browsing() = %+v, want %+v", got, want)
	}
}

// The prompt keeps its words whole at 40 columns, and its URL on a line of its own.
func TestNarrowPrompt(t *testing.T) {
	t.Parallel()
	term, shown := narrowed(testApp())
	term.event(login.BrowserOpening{StartURL: "http://127.0.0.1:53682/start", Host: "accounts.google.com"})
	want := "Sign in at accounts.google.com in your\nbrowser … (Ctrl-C stops)\n" +
		"No browser opened? Go to\nhttp://127.0.0.1:53682/start\n"
	if shown.String() != want {
		t.Errorf("shown:\n%s\nwant:\n%s", shown, want)
	}
}
