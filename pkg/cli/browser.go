package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pkg/browser"
)

var (
	// errNoBrowser says that the person wants the URL and no browser.
	errNoBrowser = errors.New("no browser is wanted")
	// errNoneHere says that no browser can be started on this machine.
	errNoneHere = errors.New("there is no browser on this machine")
)

// launcher is a command line that opens a URL: %s in it stands for the URL, which is else its last argument.
type launcher []string

// launchers lists what to try, in this order: --browser, else DAYPASS_BROWSER, else those in BROWSER and the
// system's own. Only programs that exist are in it, and the system's own only where their window would
// be seen.
func (app *App) launchers() []launcher {
	if app.global.noBrowser {
		return nil
	}
	if command, _ := app.chosenBrowser(); command != "" {
		l, err := app.parseLauncher(command)
		if err != nil {
			return nil // checkBrowser says so
		}
		return []launcher{l}
	}
	var found []launcher
	for _, command := range app.browserVariable() {
		if l, err := app.parseLauncher(command); err == nil && !textBrowser(l[0]) {
			found = append(found, l)
		}
	}
	if !app.graphical() {
		return found
	}
	if app.inWSL() {
		for _, words := range windowsLaunchers() {
			if path, err := app.system.lookPath(words[0]); err == nil {
				found = append(found, append(launcher{path}, words[1:]...))
			}
		}
	}
	if app.hasSystemBrowser() {
		found = append(found, systemBrowser)
	}
	return found
}

// systemBrowser is the launcher that pkg/browser finds: it knows how each desktop opens a URL.
var systemBrowser = launcher{""}

// hasSystemBrowser reports whether pkg/browser finds a launcher other than www-browser, which is a text browser.
func (app *App) hasSystemBrowser() bool {
	if app.system.os == "darwin" || app.system.os == "windows" {
		return true
	}
	for _, program := range []string{"xdg-open", "x-www-browser"} {
		if _, err := app.system.lookPath(program); err == nil {
			return true
		}
	}
	return false
}

// windowsLaunchers lists what opens a URL in Windows' browser from a Linux that is its subsystem.
func windowsLaunchers() []launcher {
	const program, handler = "rundll32.exe", "url.dll,FileProtocolHandler"
	// Without Windows' directories in PATH (appendWindowsPath=false) its programs are still there.
	return []launcher{{"wslview"}, {program, handler}, {"/mnt/c/Windows/System32/" + program, handler}}
}

// textBrowser reports whether a program needs a terminal of its own. BROWSER often names one where there is
// no display; in the background it would fetch the start page, which is for one browser, and show nothing.
func textBrowser(program string) bool {
	return slices.Contains([]string{"w3m", "lynx", "links", "links2", "elinks", "www-browser"}, filepath.Base(program))
}

// chosenBrowser returns the browser that was named for daypass, and by what.
func (app *App) chosenBrowser() (command, by string) {
	if app.global.browser != "" {
		return app.global.browser, "--browser"
	}
	return app.Getenv("DAYPASS_BROWSER"), "DAYPASS_BROWSER"
}

// browserVariable lists the commands in BROWSER, which are separated by colons except on Windows, where
// paths have colons.
func (app *App) browserVariable() []string {
	value := app.Getenv("BROWSER")
	if app.system.os == "windows" {
		return []string{value}
	}
	return strings.Split(value, ":")
}

// checkBrowser returns why the chosen browser cannot be started; nil also where none was chosen.
func (app *App) checkBrowser() error {
	command, by := app.chosenBrowser()
	if command == "" || app.global.noBrowser {
		return nil
	}
	if _, err := app.parseLauncher(command); err != nil {
		return &browserError{by: by, err: err}
	}
	return nil
}

// browserError says that the chosen browser cannot be started.
type browserError struct {
	by  string // --browser or DAYPASS_BROWSER
	err error
}

func (e *browserError) Error() string {
	if e.by != "--browser" {
		return fmt.Sprintf("cannot start the browser in %s: %v", e.by, e.err)
	}
	return fmt.Sprintf("cannot start the browser: %v", e.err)
}

func (e *browserError) Unwrap() error { return e.err }

// parseLauncher reads a browser command. A value that names a program as a whole is one, whatever spaces are
// in it. The error says what is wrong with the command.
func (app *App) parseLauncher(command string) (launcher, error) {
	home := cmp.Or(app.Getenv("HOME"), app.Getenv("USERPROFILE"))
	whole := command
	if rest, ok := strings.CutPrefix(command, "~/"); ok && home != "" {
		whole = home + "/" + rest
	}
	if path, err := app.system.lookPath(whole); err == nil && strings.TrimSpace(whole) != "" {
		return launcher{path}, nil
	}
	words, err := splitWords(command, home, app.system.os == "windows")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", command, err)
	}
	if len(words) == 0 {
		return nil, errors.New("the command is empty")
	}
	path, err := app.system.lookPath(words[0])
	if err != nil {
		return nil, startError(words[0], err)
	}
	return append(launcher{path}, words[1:]...), nil
}

// startError says in a person's words why a program does not start.
func startError(program string, err error) error {
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: not found", program)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: permission denied", program)
	}
	if e, ok := errors.AsType[*exec.Error](err); ok {
		err = e.Err
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return fmt.Errorf("%s: %w", program, err)
}

// withURL returns the command line that opens the URL.
func (l launcher) withURL(url string) []string {
	words, found := slices.Clone(l), false
	for i := range words[1:] {
		replaced := strings.ReplaceAll(words[i+1], "%s", url)
		found = found || replaced != words[i+1]
		words[i+1] = replaced
	}
	if !found {
		words = append(words, url)
	}
	return words
}

// browser returns how a sign-in's URL reaches the person.
func (app *App) browser() func(url string) error {
	if app.global.noBrowser {
		return func(string) error { return errNoBrowser }
	}
	command, _ := app.chosenBrowser()
	return func(url string) error { return app.OpenBrowser(command, url) }
}

// openBrowser tries the launchers until one succeeds. The client secret has been read by now, and a browser,
// which lives on for days, has no use for it.
func openBrowser(launchers []launcher, url string, chatty bool) error {
	if len(launchers) == 0 {
		return errNoneHere
	}
	if err := os.Unsetenv("DAYPASS_CLIENT_SECRET"); err != nil {
		return fmt.Errorf("keeping the client secret from the browser: %w", err)
	}
	chatter, err := chatterFile(chatty)
	if err != nil {
		return err
	}
	var faults []error
	for _, l := range launchers {
		if l[0] == systemBrowser[0] {
			browser.Stdout, browser.Stderr = chatter, chatter
			if err := browser.OpenURL(url); err != nil {
				faults = append(faults, launchError("the system's browser", err))
				continue
			}
			return nil
		}
		words := l.withURL(url)
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Stdout, cmd.Stderr = chatter, chatter
		err := cmd.Run()
		if err == nil {
			return nil
		}
		faults = append(faults, launchError(words[0], err))
	}
	return joined(faults)
}

// launchError says how a launcher failed.
func launchError(path string, err error) error {
	program := filepath.Base(path)
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return fmt.Errorf("%s: %s", program, e.ProcessState)
	}
	return startError(program, err)
}

// joined is errors.Join on one line.
func joined(faults []error) error {
	var texts []string
	for _, err := range faults {
		texts = append(texts, err.Error())
	}
	return errors.New(strings.Join(texts, "; "))
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
