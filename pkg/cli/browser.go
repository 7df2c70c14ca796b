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
	// errNoBrowser says that --no-browser was given.
	errNoBrowser = errors.New("--no-browser was given")
	// errNoneHere says that no browser can be started on this machine.
	errNoneHere = errors.New("no browser on this machine")
)

// launcher is a command line that opens a URL. The URL replaces %s, or is appended if there is no %s.
type launcher []string

// launchers returns the launchers to try, in this order: --browser, or else DAYPASS_BROWSER, or else those in BROWSER
// followed by the system's. It leaves out programs that are not installed, and the system's launchers if their window
// would not be visible.
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

// systemBrowser stands for the launcher that pkg/browser finds; it knows how each desktop opens a URL.
var systemBrowser = launcher{""}

// hasSystemBrowser reports whether pkg/browser finds a launcher that is not a text browser (www-browser).
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

// windowsLaunchers returns the launchers of WSL, which open a URL in the browser of Windows.
func windowsLaunchers() []launcher {
	const program, handler = "rundll32.exe", "url.dll,FileProtocolHandler"
	// The full path works without the Windows directories in PATH (appendWindowsPath=false).
	return []launcher{{"wslview"}, {program, handler}, {"/mnt/c/Windows/System32/" + program, handler}}
}

// textBrowser reports whether a program is a browser that needs a terminal. BROWSER often names one on machines without
// a display. Started in the background it would use up the start page, which works once, and show nothing.
func textBrowser(program string) bool {
	return slices.Contains([]string{"w3m", "lynx", "links", "links2", "elinks", "www-browser"}, filepath.Base(program))
}

// chosenBrowser returns the browser that was chosen for daypass, and the flag or variable that says so.
func (app *App) chosenBrowser() (command, by string) {
	if app.global.browser != "" {
		return app.global.browser, "--browser"
	}
	return app.Getenv("DAYPASS_BROWSER"), "DAYPASS_BROWSER"
}

// browserVariable returns the commands in BROWSER. They are separated by colons, except on Windows, where paths contain
// colons.
func (app *App) browserVariable() []string {
	value := app.Getenv("BROWSER")
	if app.system.os == "windows" {
		return []string{value}
	}
	return strings.Split(value, ":")
}

// checkBrowser returns why the chosen browser cannot be started; nil if none was chosen.
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

// parseLauncher parses a browser command. If the whole value is the path of a program, spaces in it do not separate
// arguments.
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

// startError describes why a program does not start, without the system call.
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

// browser returns the function that opens a sign-in's URL.
func (app *App) browser() func(url string) error {
	if app.global.noBrowser {
		return func(string) error { return errNoBrowser }
	}
	command, _ := app.chosenBrowser()
	return func(url string) error { return app.OpenBrowser(command, url) }
}

// openBrowser tries the launchers until one succeeds. It removes the client secret, which has been read already, from
// the environment: a browser may run for days.
func openBrowser(launchers []launcher, url string, verbose bool) error {
	if len(launchers) == 0 {
		return errNoneHere
	}
	if err := os.Unsetenv("DAYPASS_CLIENT_SECRET"); err != nil {
		return fmt.Errorf("removing the client secret from the environment: %w", err)
	}
	output, err := launcherOutput(verbose)
	if err != nil {
		return err
	}
	var errs []error
	for _, l := range launchers {
		if l[0] == systemBrowser[0] {
			browser.Stdout, browser.Stderr = output, output
			if err := browser.OpenURL(url); err != nil {
				errs = append(errs, launchError("the system's browser", err))
				continue
			}
			return nil
		}
		words := l.withURL(url)
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Stdout, cmd.Stderr = output, output
		err := cmd.Run()
		if err == nil {
			return nil
		}
		errs = append(errs, launchError(words[0], err))
	}
	return joinErrors(errs)
}

// launchError describes how a launcher failed.
func launchError(path string, err error) error {
	program := filepath.Base(path)
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return fmt.Errorf("%s: %s", program, e.ProcessState)
	}
	return startError(program, err)
}

// joinErrors is errors.Join on one line.
func joinErrors(errs []error) error {
	var texts []string
	for _, err := range errs {
		texts = append(texts, err.Error())
	}
	return errors.New(strings.Join(texts, "; "))
}

// launcherOutput returns where a launcher's output goes: the null device or, with --verbose, stderr if that is a terminal.
// The reader of any other stderr may wait for its end, as aws does, and a browser keeps it open until its window is closed.
func launcherOutput(verbose bool) (*os.File, error) {
	if verbose && isTerminal(os.Stderr) {
		return os.Stderr, nil
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("discarding the browser's output: %w", err)
	}
	return null, nil
}
