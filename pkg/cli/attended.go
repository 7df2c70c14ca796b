package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/term"

	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/profile"
)

// Reach says how a sign-in can prompt a person here.
type Reach struct {
	// Browser says that a browser can be started: one that was chosen, or one whose window would be visible.
	Browser bool
	// Terminal says that stdin, stderr or the controlling terminal is a terminal.
	Terminal bool
}

// Reach examines this process's streams, its environment and the installed programs.
func (app *App) Reach() Reach {
	return Reach{
		Browser:  len(app.launchers()) > 0,
		Terminal: isTerminal(app.In) || isTerminal(app.promptWriter()),
	}
}

// checkBackgroundSignIn returns why a sign-in that nobody asked for must not start: the profile forbids it, or nobody
// can be prompted.
func (app *App) checkBackgroundSignIn(p profile.Profile) error {
	switch p.SignIn {
	case profile.SignInAlways:
		return app.checkBrowser()
	case profile.SignInNever:
		return broker.ErrSignInNeeded
	}
	return signInNeeded(app.checkReach())
}

// checkSignIn returns why a command that sends the person to a page must not wait for them. With --no-browser or
// sign_in = "always" it waits in any case: the person finds the URL in stderr, wherever that goes.
func (app *App) checkSignIn(p profile.Profile) error {
	if app.global.noBrowser || p.SignIn == profile.SignInAlways {
		return app.checkBrowser()
	}
	return app.checkReach()
}

func (app *App) checkReach() error {
	if err := app.checkBrowser(); err != nil {
		return err
	}
	if app.Reach() == (Reach{}) {
		return remedy.ErrNobodyHere
	}
	return nil
}

// signInNeeded adds to ErrNobodyHere that a sign-in is required.
func signInNeeded(err error) error {
	if errors.Is(err, remedy.ErrNobodyHere) {
		return fmt.Errorf("%w, but %w", broker.ErrSignInNeeded, err)
	}
	return err
}

// promptWriter returns where the person sees a sign-in's prompt: stderr, or the controlling terminal if stderr is not a
// terminal.
func (app *App) promptWriter() io.Writer {
	if isTerminal(app.Err) || app.Terminal == nil {
		return app.Err
	}
	if tty := app.Terminal(); tty != nil {
		return tty
	}
	return app.Err
}

// isTerminal reports whether an io.Reader or io.Writer is a terminal.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// system is what a sign-in needs to know about the machine.
type system struct {
	os       string      // as in runtime.GOOS
	wsl      func() bool // Windows Subsystem for Linux
	hostname func() (string, error)
	lookPath func(program string) (string, error)
}

func thisSystem() system {
	return system{os: runtime.GOOS, wsl: isWSL, hostname: os.Hostname, lookPath: exec.LookPath}
}

// isWSL looks for Microsoft in the kernel's release: sudo removes the variables of WSL.
func isWSL() bool {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	return err == nil && strings.Contains(strings.ToLower(string(release)), "microsoft")
}

// inWSL reports whether Windows programs can be started from this Linux.
func (app *App) inWSL() bool {
	return app.system.os == "linux" && (app.Getenv("WSL_DISTRO_NAME") != "" || app.Getenv("WSL_INTEROP") != "" || app.system.wsl())
}

// overSSH reports whether the person is connected by SSH.
func (app *App) overSSH() bool {
	return app.Getenv("SSH_CONNECTION") != "" || app.Getenv("SSH_TTY") != ""
}

// graphical reports whether the person would see a browser's window here.
func (app *App) graphical() bool {
	if app.Getenv("DISPLAY") != "" || app.Getenv("WAYLAND_DISPLAY") != "" {
		return true
	}
	if app.overSSH() {
		return false
	}
	switch app.system.os {
	case "darwin", "windows":
		return true
	}
	return app.inWSL()
}
