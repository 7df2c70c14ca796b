package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/login"
	"github.com/daypass/daypass/pkg/profile"
	"github.com/daypass/daypass/pkg/remedy"
)

// The rules of output: stdout is the protocol and carries the answer alone. All that a person reads
// (prompts, warnings, errors) goes through a terminal to stderr. A sign-in's prompt goes to the
// controlling terminal where stderr is none, for aws swallows its helper's stderr.

// terminal shows things to the person.
type terminal struct {
	err            io.Writer
	prompt         func() io.Writer
	style          style
	quiet, verbose bool
	now            func() time.Time
	asked          func() remedy.Asked
}

func (app *App) terminal() *terminal {
	return &terminal{
		err: app.Err, prompt: app.promptWriter, style: newStyle(app.Err), now: app.Now, asked: app.asked,
		quiet: app.global.quiet, verbose: app.global.verbose,
	}
}

// asked is what the profile asked for, to stand in an error beside what came back.
func (app *App) asked() remedy.Asked {
	p := app.keys.loaded
	return remedy.Asked{Profile: p.Name, Issuer: p.Login.Issuer, ClientID: p.Login.ClientID,
		RoleARN: p.Role.ARN, IdentityPoolID: p.IdentityPool.ID, Region: p.Region}
}

// say prints one line unless the person wants silence.
func (t *terminal) say(format string, values ...any) {
	if !t.quiet {
		fmt.Fprintf(t.err, format+"\n", values...)
	}
}

func (t *terminal) done(format string, values ...any) {
	t.say("%s %s", t.style.done.Render("✓"), fmt.Sprintf(format, values...))
}

// warn tells what went wrong without being in the way.
func (t *terminal) warn(err error) {
	t.say("%s %s", t.style.mind.Render("!"), printable(err.Error()))
}

// step tells what --verbose asks for.
func (t *terminal) step(format string, values ...any) {
	if t.verbose {
		t.say("%s", t.style.dim.Render(fmt.Sprintf(format, values...)))
	}
}

// pair is a line of two columns.
type pair struct{ label, text string }

// pairs prints two columns, leaving out what has no text and cutting what does not fit.
func (t *terminal) pairs(indent string, lines []pair) {
	width := 0
	for _, line := range lines {
		if line.text != "" {
			width = max(width, len(line.label))
		}
	}
	room := columns(t.err) - len(indent) - width - 2
	for _, line := range lines {
		if line.text != "" {
			fmt.Fprintf(t.err, "%s%s  %s\n", indent, t.style.dim.Render(fmt.Sprintf("%-*s", width, line.label)),
				cut(printable(line.text), room))
		}
	}
}

// fail prints an error with what helps, and returns the exit code.
func (t *terminal) fail(ctx context.Context, cmd *cobra.Command, err error) int {
	if ctx.Err() != nil {
		fmt.Fprintln(t.err, "daypass: interrupted")
		return remedy.ExitInterrupted
	}
	var partly *partly
	if errors.As(err, &partly) { // each file's error has been told already
		return partly.exitCode
	}
	var usage usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(t.err, "%s %s\n", t.style.failed.Render("daypass:"), printable(err.Error()))
		fmt.Fprintf(t.err, "  try  %s --help\n", cmd.CommandPath())
		return remedy.ExitUsage
	}
	var asked *profile.Error
	if errors.As(err, &asked) {
		return t.failProfile(err)
	}
	return t.failRemedy(err)
}

// failProfile tells what is wrong with a profile, each fault on a line of its own.
func (t *terminal) failProfile(err error) int {
	for _, fault := range faultsIn(err) {
		fmt.Fprintf(t.err, "%s %s\n", t.style.failed.Render("daypass:"), printable(fault.Error()))
		if fault.Hint != "" {
			fmt.Fprintf(t.err, "  %s\n", printable(fault.Hint))
		}
	}
	return remedy.ExitUsage
}

// faultsIn finds the profile's faults in an error tree.
func faultsIn(err error) []*profile.Error {
	switch e := err.(type) {
	case *profile.Error:
		return []*profile.Error{e}
	case interface{ Unwrap() []error }:
		var all []*profile.Error
		for _, inner := range e.Unwrap() {
			all = append(all, faultsIn(inner)...)
		}
		return all
	case interface{ Unwrap() error }:
		return faultsIn(e.Unwrap())
	}
	return nil
}

func (t *terminal) failRemedy(err error) int {
	r := remedy.For(err, t.asked(), t.now())
	fmt.Fprintf(t.err, "%s %s\n", t.style.failed.Render("daypass:"), printable(r.Doing))
	var lines []pair
	for _, line := range r.Evidence {
		lines = append(lines, pair{line.Label, line.Text})
	}
	lines = append(lines, pair{"likely", r.Likely}, pair{"compare", r.Compare})
	t.pairs("  ", lines)
	return r.ExitCode
}

// event shows the steps of a sign-in. The prompt is shown even to those who want silence: without it
// nobody could know what is being waited for.
func (t *terminal) event(e login.Event) {
	switch e := e.(type) {
	case login.BrowserOpening:
		prompt := t.prompt()
		fmt.Fprintf(prompt, "Sign in at %s in your browser … %s\n", t.style.strong.Render(printable(e.Host)), t.style.dim.Render("(Ctrl-C stops)"))
		fmt.Fprintf(prompt, "%s\n", t.style.dim.Render("No browser opened? Go to "+e.StartURL))
	case login.BrowserFailed:
		if !errors.Is(e.Err, errNoBrowser) {
			t.warn(fmt.Errorf("opening your browser: %w", e.Err))
		}
	case login.SecondBrowser:
		t.warn(errors.New("another browser came to the sign-in page and was sent away; go on in the first one"))
	case login.Warning:
		t.warn(e.Err)
	}
}

// columns is the terminal's width, 0 where it is none or unknown.
func columns(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(file.Fd())
	if err != nil {
		return 0
	}
	return width
}

// cut takes the middle out of a text that is longer than room; room ≤ 0 means that there is no limit.
func cut(text string, room int) string {
	runes := []rune(text)
	if room <= 0 || len(runes) <= room {
		return text
	}
	if room < 8 {
		room = 8
	}
	head := room / 2
	return string(runes[:head]) + "…" + string(runes[len(runes)-(room-head-1):])
}

// printable drops what could move the cursor or hide text: what an IdP or a server says is theirs.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, text)
}

// clock writes a time both ways: «in 59 min (14:32)».
func clock(at, now time.Time) string {
	left := at.Sub(now)
	format := "15:04"
	if left > 20*time.Hour {
		format = "2 Jan 15:04"
	}
	return fmt.Sprintf("in %s (%s)", span(left), at.Local().Format(format))
}

// span writes a duration as a person would say it.
func span(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", max(0, int(d.Seconds())))
	case d < 100*time.Minute:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
