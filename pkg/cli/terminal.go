package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/internal/sanitize"
	"github.com/daypass/daypass/pkg/profile"
)

// The rules of output: stdout is the protocol and carries the answer alone. All that a person reads
// (prompts, warnings, errors) goes through a terminal to stderr. A sign-in's prompt goes to the
// controlling terminal where stderr is none, for aws swallows its helper's stderr.

// terminal shows things to the person.
type terminal struct {
	err            io.Writer
	prompt         func() io.Writer
	width          func() int // in columns, 0 for no limit
	style          func() style
	quiet, verbose bool
	attended       bool // err is a terminal, and somebody may look at it
	waits          *waiting
	browser        func() browsing
	startURL       string // of the sign-in that waits
	profile        profile.Profile
	flags          func(profile.Profile) []string // with which another command names the profile
	now            func() time.Time
}

func (app *App) terminal() *terminal {
	return &terminal{
		err:      app.Err,
		prompt:   app.promptWriter,
		width:    func() int { return columns(app.Err) },
		style:    sync.OnceValue(func() style { return newStyle(app.Err) }),
		quiet:    app.global.quiet,
		verbose:  app.global.verbose,
		attended: isTerminal(app.Err),
		waits:    &app.waits,
		browser:  sync.OnceValue(app.browsing),
		flags:    app.profileFlags,
		now:      app.Now,
	}
}

// of returns the terminal for what concerns that profile.
func (t *terminal) of(p profile.Profile) *terminal {
	its := *t
	its.profile = p
	return &its
}

// say prints one line unless the person wants silence.
func (t *terminal) say(format string, values ...any) {
	t.waits.end()
	if !t.quiet {
		fmt.Fprintf(t.err, format+"\n", values...)
	}
}

func (t *terminal) done(format string, values ...any) {
	t.say("%s %s", t.style().done.Render("✓"), fmt.Sprintf(format, values...))
}

// warn tells what went wrong without being in the way.
func (t *terminal) warn(err error) {
	if t.quiet {
		return
	}
	t.led(t.style().mind.Render, "!", t.warning(err))
}

func (t *terminal) warning(err error) string {
	if e, ok := errors.AsType[*broker.NotInKeyringError](err); ok {
		return t.withoutKeyring(e, t.profile.Agent)
	}
	return remedy.InWords(err)
}

// pairs prints two columns.
func (t *terminal) pairs(lines []pair) {
	layOut(t.err, "  ", 0, t.width(), t.style().dim.Render, lines)
}

// led prints a sentence behind its lead, and what does not fit below its beginning.
func (t *terminal) led(render func(...string) string, lead, text string) {
	t.waits.end()
	indent := utf8.RuneCountInString(lead) + 1
	shown := render(lead)
	for _, line := range wrap(sanitize.Text(text), t.width()-indent) {
		fmt.Fprintf(t.err, "%s %s\n", shown, line)
		shown = strings.Repeat(" ", indent-1)
	}
}

// aside prints a sentence that can be skipped.
func (t *terminal) aside(text string) {
	for _, line := range wrap(sanitize.Text(text), t.width()) {
		t.say("%s", t.style().dim.Render(line))
	}
}
