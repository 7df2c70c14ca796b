package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

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
