package cli

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// event shows an event. A sign-in's prompt is shown even with --quiet: without it the person would not know that daypass
// waits for them.
func (t *terminal) event(e daypass.Event) {
	switch e := e.(type) {
	case daypass.BrowserOpening:
		t.startURL = e.StartURL
		t.signInPrompt(e)
	case daypass.BrowserFailed:
		t.browserFailed(e.Err)
	case daypass.SecondBrowser:
		t.warn(errors.New("another browser opened the sign-in page and was refused; continue in the first one"))
	case daypass.AnswerElsewhere:
		t.warn(errors.New("the sign-in ended in another browser, browser profile or container than it began in; " +
			"open the sign-in page in that one: daypass login --no-browser" + remedy.Flags(t.flags(t.profile))))
	case daypass.PendingSignIn:
		t.pendingSignIn(e)
	case daypass.Warning:
		t.warn(e.Err)
	case daypass.Step:
		t.showStep(e.Text)
	}
}

// browsing is what a sign-in's prompt needs to know about the person's browser.
type browsing struct {
	none   bool   // no browser opens here: --no-browser was given, or there is none
	wanted bool   // --no-browser was not given
	tunnel string // the ssh command line to this machine, without -L; "" unless the person came by SSH
}

func (app *App) browsing() browsing {
	b := browsing{none: len(app.launchers()) == 0, wanted: !app.global.noBrowser}
	if app.overSSH() {
		b.tunnel = app.sshCommand()
	}
	return b
}

// sshCommand returns the ssh command line to this machine, as far as it is known from the environment.
func (app *App) sshCommand() string {
	host, err := app.system.hostname()
	if err != nil || host == "" {
		host = "HOST"
	}
	if user := cmp.Or(app.Getenv("USER"), app.Getenv("LOGNAME")); user != "" {
		host = user + "@" + host
	}
	words := []string{host}
	// SSH_CONNECTION: the client's address and port, then the server's (ssh(1)).
	if parts := strings.Fields(app.Getenv("SSH_CONNECTION")); len(parts) == 4 && parts[3] != "22" {
		words = []string{"-p", parts[3], host}
	}
	return "ssh" + sanitize.Text(remedy.Flags(words))
}

// signInPrompt prints the prompt of a sign-in or sign-out to promptWriter.
func (t *terminal) signInPrompt(e daypass.BrowserOpening) {
	t.waits.end()
	p, host, dim, b := t.onPrompt(), sanitize.Text(e.Host), t.style().dim, t.browser()
	what, how := "Sign in at ", " in your browser …"
	if e.SignOut {
		what = "Sign out at "
	}
	switch {
	case b.none && b.wanted:
		how = ": no browser can be opened here"
	case b.none:
		how = ""
	}
	shown := strings.Join(wrap(what+host+how+" (Ctrl-C stops)", p.width()), "\n")
	shown = strings.Replace(shown, host, t.style().strong.Render(host), 1)
	fmt.Fprintln(p.err, strings.Replace(shown, "(Ctrl-C stops)", dim.Render("(Ctrl-C stops)"), 1))
	if b.none {
		p.openElsewhere(e.StartURL, b.tunnel)
		return
	}
	p.dimmed("No browser opened? Go to " + e.StartURL)
}

// openElsewhere says where to open the URL. Text to copy is on a line of its own.
func (t *terminal) openElsewhere(startURL, tunnel string) {
	u, err := url.Parse(startURL)
	if tunnel == "" || err != nil {
		fmt.Fprintf(t.err, "Open this URL on this machine:\n%s\n", startURL)
		return
	}
	where := strings.Replace(tunnel, "ssh", "ssh -L "+u.Port()+":"+u.Host, 1)
	fmt.Fprintf(t.err, "On your own machine, run\n%s\nand open\n%s\n", where, startURL)
}

// browserFailed prints why no browser opened and what the person can do.
func (t *terminal) browserFailed(err error) {
	if errors.Is(err, errNoBrowser) || errors.Is(err, errNoneHere) {
		return // the prompt said so
	}
	p, b := t.onPrompt(), t.browser()
	p.marked(t.style().warning.Render, "!", "cannot open the browser: "+err.Error()+"; open the URL above yourself, or choose a browser with --browser CMD")
	if b.tunnel != "" {
		p.openElsewhere(t.startURL, b.tunnel)
	}
}

// onPrompt returns the terminal that prompts are written to, even with --quiet.
func (t *terminal) onPrompt() *terminal {
	p, prompt := *t, t.prompt()
	p.quiet = false
	if prompt != t.err {
		p.err, p.width = prompt, func() int { return columns(prompt) }
	}
	return &p
}
