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

// The rules of output: stdout carries only the result. Everything that a person reads (prompts, warnings, errors) goes
// through a terminal to stderr. A sign-in's prompt goes to the controlling terminal if stderr is not a terminal, because
// aws discards the stderr of its credential process.

// terminal prints what a person reads.
type terminal struct {
	err            io.Writer
	prompt         func() io.Writer
	width          func() int // in columns, 0 for no limit
	style          func() style
	quiet, verbose bool
	attended       bool // err is a terminal, and a person may be looking at it
	waits          *waiting
	browser        func() browsing
	startURL       string // of the pending sign-in
	profile        profile.Profile
	flags          func(profile.Profile) []string // with which another command uses the profile
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

// of returns a terminal for messages about that profile.
func (t *terminal) of(p profile.Profile) *terminal {
	its := *t
	its.profile = p
	return &its
}

// say prints one line, except with --quiet.
func (t *terminal) say(format string, values ...any) {
	t.waits.end()
	if !t.quiet {
		fmt.Fprintf(t.err, format+"\n", values...)
	}
}

func (t *terminal) done(format string, values ...any) {
	t.say("%s %s", t.style().done.Render("✓"), fmt.Sprintf(format, values...))
}

// warn prints a warning, except with --quiet.
func (t *terminal) warn(err error) {
	if t.quiet {
		return
	}
	t.marked(t.style().warning.Render, "!", t.warning(err))
}

func (t *terminal) warning(err error) string {
	if e, ok := errors.AsType[*broker.NotInKeyringError](err); ok {
		return t.keyringWarning(e, t.profile.Agent)
	}
	return remedy.InWords(err)
}

// pairs prints labels and their texts.
func (t *terminal) pairs(lines []pair) {
	layOut(t.err, "  ", 0, t.width(), t.style().dim.Render, lines)
}

// marked prints a sentence after a mark, with further lines indented.
func (t *terminal) marked(render func(...string) string, mark, text string) {
	t.waits.end()
	indent := utf8.RuneCountInString(mark) + 1
	shown := render(mark)
	for _, line := range wrap(sanitize.Text(text), t.width()-indent) {
		fmt.Fprintf(t.err, "%s %s\n", shown, line)
		shown = strings.Repeat(" ", indent-1)
	}
}

// dimmed prints a sentence of minor importance.
func (t *terminal) dimmed(text string) {
	for _, line := range wrap(sanitize.Text(text), t.width()) {
		t.say("%s", t.style().dim.Render(line))
	}
}
