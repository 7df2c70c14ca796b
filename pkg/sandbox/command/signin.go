package command

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/user"
	"runtime"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/sandbox"
)

// person says how the user can sign in during the demo: in a browser, by pressing Enter, or not at all. Then the demo
// signs in.
type person struct {
	name     string        // the user, unless another one is chosen on the page
	terminal bool          // somebody can press Enter
	browser  bool          // a browser can be started
	timeout  time.Duration // how long to wait; 0 means daypass's default
}

// newPerson looks for a terminal and a browser. The terminal must be readable from here: otherwise nobody can press
// Enter.
func (t *Tool) newPerson(name string, timeout time.Duration) person {
	file, ok := t.in.(*os.File)
	return person{name: name, terminal: ok && term.IsTerminal(int(file.Fd())) && inForeground(file), browser: t.hasBrowser(), timeout: timeout}
}

// hasBrowser reports whether a browser can be started here, by the same rule as daypass.
func (t *Tool) hasBrowser() bool {
	set := func(name string) bool { return lookup(t.environ, name) != "" }
	switch {
	case set("DAYPASS_BROWSER"), set("BROWSER"), set("DISPLAY"), set("WAYLAND_DISPLAY"):
		return true
	case set("SSH_CONNECTION"):
		return false
	}
	return runtime.GOOS == "darwin" || runtime.GOOS == "windows" || set("WSL_DISTRO_NAME") || set("WSL_INTEROP")
}

// signIn has the user sign in. If nobody does, the demo signs in.
func (d *demo) signIn(ctx context.Context) error {
	d.step("Sign in, once a day")
	args := []string{"login"}
	switch {
	case d.headless:
	case !d.terminal:
		d.tool.say("There is no terminal here: the demo signs in as %s automatically.", d.person.name)
		d.headless = true
	case d.browser:
		d.tool.say("The page asks for no password. Without a browser, press Enter to sign in as %s.", d.person.name)
	}
	if d.timeout > 0 && !d.headless {
		args = append(args, "--timeout", d.timeout.String())
	}
	code := d.daypass(ctx, args...)
	if code == remedy.ExitSignInNeeded && !d.headless && ctx.Err() == nil {
		d.headless = true
		d.tool.say("Nobody has signed in: the demo signs in as %s automatically.", d.person.name)
		code = d.daypass(ctx, "login")
	}
	return d.ended(code)
}

// open opens the sign-in page. It returns when the user has been told what to do.
func (d *demo) open(ctx context.Context, startURL string, start func(command, url string) error) error {
	switch {
	case d.headless:
		return d.signInByItself(ctx, startURL)
	case d.browser:
		if err := start(lookup(d.tool.environ, "DAYPASS_BROWSER"), startURL); err != nil {
			d.tool.say("No browser opened (%v): the demo signs in as %s automatically.", err, d.person.name)
			return d.signInByItself(ctx, startURL)
		}
	default:
		d.tool.say("No browser can be started here. Press Enter to sign in as %s, or open", d.person.name)
		d.tool.say("  %s", startURL)
		d.tool.say("in a browser. If that is on another machine, run this there first:")
		d.tool.say("  ssh %s", d.forwarding(startURL))
	}
	go d.signInOnEnter(ctx, startURL)
	return nil
}

// signInByItself signs in without a person.
func (d *demo) signInByItself(ctx context.Context, startURL string) error {
	_, _, err := sandbox.BrowseAs(ctx, d.Client(), startURL, d.person.name)
	return err
}

// signInOnEnter signs in when Enter is pressed before the sign-in has ended.
func (d *demo) signInOnEnter(ctx context.Context, startURL string) {
	if _, err := bufio.NewReader(d.tool.in).ReadString('\n'); err != nil || ctx.Err() != nil {
		return
	}
	_, status, err := sandbox.BrowseAs(ctx, d.Client(), startURL, d.person.name)
	switch {
	case ctx.Err() != nil: // the sign-in ended in the meantime
	case err != nil:
		d.tool.say("Signing in as %s failed: %v", d.person.name, withoutURL(err))
	case status >= 400: // only the first browser may use the page
		d.tool.say("The page is already open in a browser: sign in there.")
	}
}

// forwarding returns the arguments of ssh that make the sign-in page and the identity provider reachable from the
// machine with the browser.
func (d *demo) forwarding(startURL string) string {
	var words []string
	for _, address := range []string{startURL, d.IdP.URL()} {
		if u, err := url.Parse(address); err == nil {
			words = append(words, fmt.Sprintf("-L %s:%s", u.Port(), u.Host))
		}
	}
	host, _ := os.Hostname()
	who := ""
	if u, err := user.Current(); err == nil {
		who = u.Username + "@"
	}
	return strings.Join(append(words, who+cmp.Or(host, "HOST")), " ")
}
