package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
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
