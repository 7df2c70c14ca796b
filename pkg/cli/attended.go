package cli

import (
	"io"
	"os"
	"runtime"

	"golang.org/x/term"

	"github.com/daypass/daypass/pkg/profile"
)

// maySignIn decides whether a command that was not asked to sign in may do so: always, never, or when
// somebody can see it.
func (app *App) maySignIn(p profile.Profile) bool {
	switch p.SignIn {
	case profile.SignInAlways:
		return true
	case profile.SignInNever:
		return false
	}
	return app.chosenBrowser() != "" || isTerminal(app.promptWriter()) || app.graphical()
}

// promptWriter is where a sign-in's prompt is seen: stderr, or the terminal itself where that is no
// terminal but there is one.
func (app *App) promptWriter() io.Writer {
	if isTerminal(app.Err) || app.Terminal == nil {
		return app.Err
	}
	if tty := app.Terminal(); tty != nil {
		return tty
	}
	return app.Err
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// graphical reports whether a browser's window would be seen here.
func (app *App) graphical() bool {
	if app.Getenv("SSH_CONNECTION") != "" {
		return app.Getenv("DISPLAY") != "" || app.Getenv("WAYLAND_DISPLAY") != ""
	}
	switch runtime.GOOS {
	case "darwin", "windows":
		return true
	}
	return app.Getenv("DISPLAY") != "" || app.Getenv("WAYLAND_DISPLAY") != ""
}
