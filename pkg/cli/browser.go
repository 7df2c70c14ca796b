package cli

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/pkg/browser"
)

// errNoBrowser says that the person wants the URL and no browser.
var errNoBrowser = errors.New("no browser is wanted")

// browsing is what a prompt says of the person's browser.
type browsing struct {
	none     bool // none is wanted
	remote   bool // the person is at another machine
	fixed    bool // the profile names ports, which can be forwarded beforehand
	startURL string
}

func (app *App) browsing() browsing {
	fixed := slices.ContainsFunc(app.loaded.Login.RedirectURIs, func(uri string) bool {
		u, err := url.Parse(uri)
		return err == nil && u.Port() != "" && u.Port() != "0"
	})
	return browsing{none: app.global.noBrowser, remote: app.Getenv("SSH_CONNECTION") != "", fixed: fixed}
}

// browser returns how a sign-in's URL reaches the person: --no-browser, --browser, DAYPASS_BROWSER,
// else the system's own.
func (app *App) browser() func(url string) error {
	if app.global.noBrowser {
		return func(string) error { return errNoBrowser }
	}
	command := app.chosenBrowser()
	return func(url string) error { return app.OpenBrowser(command, url) }
}

func (app *App) chosenBrowser() string {
	if app.global.browser != "" {
		return app.global.browser
	}
	return app.Getenv("DAYPASS_BROWSER")
}

// openBrowser runs the command with the URL as its last argument, without a shell; no command means the
// system's browser. The client secret has been read by now, and a browser, which lives on for days, has
// no use for it.
func openBrowser(command, url string, chatty bool) error {
	if err := os.Unsetenv("DAYPASS_CLIENT_SECRET"); err != nil {
		return fmt.Errorf("keeping the client secret from the browser: %w", err)
	}
	chatter, err := chatterFile(chatty)
	if err != nil {
		return err
	}
	if command == "" {
		browser.Stdout, browser.Stderr = chatter, chatter
		return browser.OpenURL(url)
	}
	words := []string{command}
	if _, err := exec.LookPath(command); err != nil { // a program and its arguments, then
		words = strings.Fields(command)
	}
	if len(words) == 0 {
		return fmt.Errorf("the browser command %q is empty", command)
	}
	cmd := exec.Command(words[0], append(words[1:], url)...)
	cmd.Stdout, cmd.Stderr = chatter, chatter
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("running %q: %w", words[0], err)
	}
	return nil
}

// chatterFile is where a browser's launcher prints: nowhere or, with --verbose, on stderr, if that is a
// terminal, for stdout is the protocol. Any other stderr has a reader who may wait for its end (aws does), and a browser would hold
// it open until somebody closes the window.
func chatterFile(chatty bool) (*os.File, error) {
	if chatty && isTerminal(os.Stderr) {
		return os.Stderr, nil
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("silencing the browser: %w", err)
	}
	return null, nil
}
