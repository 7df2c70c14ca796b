package cli

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/daypass/daypass/pkg/login"
	"github.com/daypass/daypass/pkg/plain"
	"github.com/daypass/daypass/pkg/remedy"
)

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
	case login.AnswerElsewhere:
		t.warn(errors.New("you came back in another browser, browser profile or container than the one where the sign-in began; " +
			"open its address in that one: daypass login --no-browser" + remedy.Flags(t.asked().Flags)))
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
