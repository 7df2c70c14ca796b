// Package cli is the command daypass: it parses the command line, calls package daypass and prints the result. Each
// command has a file of its own. Stdout carries only the result; terminal.go writes everything else to stderr.
package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/profile"
)

// App holds what a command uses of its surroundings: streams, time, environment and the person's browser.
type App struct {
	In       io.Reader
	Out, Err io.Writer
	Now      func() time.Time
	Getenv   func(string) string
	Environ  func() []string
	// OpenBrowser shows a URL. Command is the browser that was chosen; "" means BROWSER or the system's browser.
	OpenBrowser func(command, url string) error
	// Terminal opens the controlling terminal; it returns nil if there is none.
	Terminal func() *os.File
	// Executable returns the path of this program, which starts the agent and background sign-ins.
	Executable func() (string, error)
	// Within holds the arguments that precede daypass's own when another program includes its commands.
	Within  []string
	Version string

	system system
	// envEnd is the text that env must still print to end its output.
	envEnd string
	global globalFlags
	keys   profileFlags
	waits  waiting
	opened []*daypass.Client
	// ignoresInterrupt says that SIGINT was ignored at the start, as in a script's background job.
	ignoresInterrupt bool
}

// System returns the App of this process. An empty version is taken from the build information.
func System(version string) *App {
	if version == "" {
		version = "devel"
		if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
			version = info.Main.Version
		}
	}
	app := &App{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Now: time.Now, Getenv: os.Getenv, Environ: os.Environ,
		Terminal:   sync.OnceValue(controllingTerminal),
		Executable: os.Executable, Version: version, system: thisSystem(),
	}
	app.OpenBrowser = func(_, url string) error {
		if err := app.checkBrowser(); err != nil {
			return err
		}
		return openBrowser(app.launchers(), url, app.global.verbose)
	}
	return app
}

// Main runs one command and returns its exit code (see package remedy). The first interrupt cancels the command, and
// a second one ends the process.
func Main(ctx context.Context, args []string, app *App) int {
	cobra.EnableCommandSorting = false // help lists the important commands first
	app.ignoresInterrupt = signal.Ignored(os.Interrupt)
	ctx, stop := untilSignal(ctx, endSignals()...)
	defer stop()
	root := newRootCommand(app)
	root.SetArgs(args)
	command, err := root.ExecuteContextC(ctx)
	app.waits.end()
	defer func() {
		for _, client := range app.opened {
			if ctx.Err() == nil {
				client.Close()
			}
		}
	}()
	if err == nil {
		return 0
	}
	if command.Name() == "env" {
		app.failEnv(command)
	}
	return app.terminal().fail(ctx, command, err)
}

// loadProfile loads the profile from the flags, the environment and the file, and prints its warnings.
func (app *App) loadProfile() (profile.Profile, error) {
	p, err := profile.Load(profile.Source{
		Getenv: app.getenv, File: app.global.config, Name: app.global.profile,
		Flags: app.keys.given(),
	})
	if err != nil {
		return profile.Profile{}, err
	}
	for _, warning := range p.Warnings {
		app.terminal().warn(warning)
	}
	return p, nil
}

// options returns the options of this process for a client of the profile.
func (app *App) options(p profile.Profile, t *terminal) daypass.Options {
	o := daypass.Environment(app.Getenv)
	o.OpenBrowser, o.Background, o.Notify = app.browser(), app.background(p, t), t.event
	o.Now, o.Version, o.AgentCommand = app.Now, app.Version, app.agentCommand()
	return o
}

// open loads the profile and opens its client. Adjust may change the options; nil leaves them unchanged.
func (app *App) open(adjust func(profile.Profile, *daypass.Options)) (*daypass.Client, error) {
	p, err := app.loadProfile()
	if err != nil {
		return nil, err
	}
	if err := profile.CheckHome(app.Getenv("HOME")); err != nil {
		return nil, err
	}
	o := app.options(p, app.terminal().of(p))
	if adjust != nil {
		adjust(p, &o)
	}
	client, err := daypass.Open(p, o)
	if err != nil {
		return nil, err
	}
	app.opened = append(app.opened, client)
	return client, nil
}

// withoutSignIn is for app.open: the command starts no sign-ins.
func withoutSignIn(_ profile.Profile, o *daypass.Options) { o.Background = nil }

// credentialLasting returns a credential for commands that cannot renew it later (see daypass.Client.CredentialLasting).
func (app *App) credentialLasting(ctx context.Context, least time.Duration) (profile.Profile, credential.Credential, error) {
	client, err := app.open(nil)
	if err != nil {
		return profile.Profile{}, credential.Credential{}, err
	}
	ctx, cancel := app.within(ctx, callerTimeout)
	defer cancel()
	c, err := client.CredentialLasting(ctx, least)
	return client.Profile(), c, err
}

// within returns a context that ends after --timeout or, without that, after the usual time.
func (app *App) within(ctx context.Context, usual time.Duration) (context.Context, context.CancelFunc) {
	if app.global.timeout > 0 {
		usual = app.global.timeout
	}
	return context.WithTimeout(ctx, usual)
}
