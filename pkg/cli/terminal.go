package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/broker"
	"github.com/daypass/daypass/pkg/login"
	"github.com/daypass/daypass/pkg/plain"
	"github.com/daypass/daypass/pkg/profile"
	"github.com/daypass/daypass/pkg/remedy"
	"github.com/daypass/daypass/pkg/upload"
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
	browser        browsing
	agent          func() bool // whether the profile lets one keep things
	now            func() time.Time
	asked          func() remedy.Asked
}

func (app *App) terminal() *terminal {
	return &terminal{
		err: app.Err, width: func() int { return columns(app.Err) }, prompt: app.promptWriter, style: sync.OnceValue(func() style { return newStyle(app.Err) }), now: app.Now, asked: app.asked,
		attended: isTerminal(app.Err) && !app.called, waits: &app.waits, browser: app.browsing(), agent: func() bool { return app.loaded.Agent }, quiet: app.global.quiet, verbose: app.global.verbose,
	}
}

// asked is what the profile asked for, to stand in an error beside what came back.
func (app *App) asked() remedy.Asked {
	p := app.loaded
	return remedy.Asked{Profile: p.Name, Issuer: p.Login.Issuer, ClientID: p.Login.ClientID,
		RoleARN: p.Role.ARN, IdentityPoolID: p.IdentityPool.ID, Region: p.Region, Flags: app.sameProfile()}
}

// sameProfile are the flags with which another command speaks of this profile.
func (app *App) sameProfile() []string {
	var flags []string
	if app.global.config != "" {
		flags = append(flags, "--config", app.global.config)
	}
	name := cmp.Or(app.global.profile, app.Getenv("DAYPASS_PROFILE"))
	if name == "" && app.loaded.Profiles > 1 {
		name = app.loaded.Name
	}
	if name != "" {
		flags = append(flags, "--profile", name)
	}
	return flags
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
		return t.withoutKeyring(e, t.agent())
	}
	return remedy.InWords(err)
}

// pairs prints two columns.
func (t *terminal) pairs(lines []pair) {
	layOut(t.err, "  ", 0, t.width(), t.style().dim.Render, lines)
}

// adviceWidth aligns advice with the evidence above it, whose longest label is «profile».
const adviceWidth = 7

// advise prints evidence and advice.
func (t *terminal) advise(r remedy.Remedy) {
	var lines []pair
	for _, line := range r.Evidence {
		lines = append(lines, pair{line.Label, line.Text})
	}
	lines = append(lines, pair{"likely", r.Likely}, pair{"compare", r.Compare}, pair{"try", r.Try})
	layOut(t.err, "  ", adviceWidth, t.width(), t.style().dim.Render, lines)
}

// led prints a sentence behind its lead, and what does not fit below its beginning.
func (t *terminal) led(render func(...string) string, lead, text string) {
	t.waits.end()
	indent := utf8.RuneCountInString(lead) + 1
	shown := render(lead)
	for _, line := range wrap(plain.Text(text), t.width()-indent) {
		fmt.Fprintf(t.err, "%s %s\n", shown, line)
		shown = strings.Repeat(" ", indent-1)
	}
}

// head prints an error's first line.
func (t *terminal) head(text string) { t.led(t.style().failed.Render, "daypass:", text) }

// fail prints an error with what helps, and returns the exit code.
func (t *terminal) fail(ctx context.Context, cmd *cobra.Command, err error) int {
	t.waits.end()
	if exit, ok := errors.AsType[*exitError](err); ok {
		if exit.err != nil {
			t.head(exit.err.Error())
		}
		return exit.code
	}
	if ctx.Err() != nil {
		fmt.Fprintln(t.err, "daypass: interrupted")
		return remedy.ExitInterrupted
	}
	if partly, ok := errors.AsType[*partly](err); ok { // each file's error has been told already
		return partly.exitCode
	}
	if _, ok := errors.AsType[usageError](err); ok {
		t.head(err.Error())
		fmt.Fprintf(t.err, "  try  %s --help\n", cmd.CommandPath())
		return remedy.ExitUsage
	}
	if plan, ok := errors.AsType[*upload.PlanError](err); ok {
		return t.failPlan(plan)
	}
	if _, ok := errors.AsType[*profile.Error](err); ok {
		return t.failProfile(err)
	}
	return t.failRemedy(err)
}

// failPlan tells what is wrong with the paths, all of it at once.
func (t *terminal) failPlan(plan *upload.PlanError) int {
	for _, fault := range plan.Faults {
		t.head(fault.Error())
	}
	fmt.Fprintln(t.err, "  nothing was uploaded")
	return remedy.ExitUsage
}

// failProfile tells what is wrong with a profile, each fault on a line of its own.
func (t *terminal) failProfile(err error) int {
	for _, fault := range faultsIn(err) {
		t.head(fault.Error())
		if fault.Hint != "" {
			fmt.Fprintf(t.err, "  %s\n", plain.Text(fault.Hint))
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
	t.head(r.Doing)
	t.advise(r)
	return r.ExitCode
}

// event shows the steps of a sign-in. The prompt is shown even to those who want silence: without it
// nobody could know what is being waited for.
func (t *terminal) event(e login.Event) {
	switch e := e.(type) {
	case login.BrowserOpening:
		t.browser.startURL = e.StartURL
		t.signInPrompt(e)
	case login.BrowserFailed:
		t.browserFailed(e.Err)
	case login.SecondBrowser:
		t.warn(errors.New("another browser came to the sign-in page and was sent away; go on in the first one"))
	case login.Warning:
		t.warn(e.Err)
	}
}

// signInPrompt is seen where the person is, whatever became of stderr.
func (t *terminal) signInPrompt(e login.BrowserOpening) {
	t.waits.end()
	p, host, dim := t.onPrompt(), plain.Text(e.Host), t.style().dim
	what, how := "Sign in at ", " in your browser …"
	if e.SignOut {
		what = "Sign out at "
	}
	if t.browser.none {
		how = ": open this on this machine"
	}
	shown := strings.Join(wrap(what+host+how+" (Ctrl-C stops)", p.width()), "\n")
	shown = strings.Replace(shown, host, t.style().strong.Render(host), 1)
	fmt.Fprintln(p.err, strings.Replace(shown, "(Ctrl-C stops)", dim.Render("(Ctrl-C stops)"), 1))
	if t.browser.none {
		fmt.Fprintln(p.err, e.StartURL)
		p.overSSH(e.StartURL)
		return
	}
	p.aside("No browser opened? Go to " + e.StartURL)
}

// aside prints a sentence that can be skipped.
func (t *terminal) aside(text string) {
	for _, line := range wrap(plain.Text(text), t.width()) {
		t.say("%s", t.style().dim.Render(line))
	}
}

// browserFailed says what the person can do. Why the launcher failed is its own affair, and for --verbose.
func (t *terminal) browserFailed(err error) {
	if errors.Is(err, errNoBrowser) {
		return
	}
	text := "no browser could be opened here; open the address above yourself, or name one: --browser CMD"
	if t.verbose {
		text += " (" + err.Error() + ")"
	}
	p := t.onPrompt()
	p.led(t.style().mind.Render, "!", text)
	p.overSSH(t.browser.startURL)
}

// onPrompt shows things where the prompt is, to those who want silence too.
func (t *terminal) onPrompt() *terminal {
	p, prompt := *t, t.prompt()
	p.quiet = false
	if prompt != t.err {
		p.err, p.width = prompt, func() int { return columns(prompt) }
	}
	return &p
}

// overSSH says how a browser elsewhere reaches this machine's port.
func (t *terminal) overSSH(startURL string) {
	u, err := url.Parse(startURL)
	if err != nil || !t.browser.remote {
		return
	}
	text := "over SSH: fix redirect_uri in the profile and forward its port: "
	if t.browser.fixed {
		text = "over SSH: forward its port: "
	}
	t.aside(text + "ssh -L " + u.Port() + ":" + u.Host + " HOST")
}
