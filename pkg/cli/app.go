// Package cli answers: what did the person type, and what do they see? One file a command; terminal.go
// shows all that is for people, on stderr, and stdout carries nothing but the answer.
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
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/login"
	"github.com/daypass/daypass/pkg/profile"
)

// App is what comes from outside the program: streams, time, environment and the person's browser.
type App struct {
	In       io.Reader
	Out, Err io.Writer
	Now      func() time.Time
	Getenv   func(string) string
	Environ  func() []string
	// OpenBrowser shows a URL; command is the browser chosen on purpose, "" for BROWSER or the system's own.
	OpenBrowser func(command, url string) error
	// Terminal opens the controlling terminal, nil where there is none.
	Terminal func() *os.File
	// Executable is this program, to be started again for the agent.
	Executable func() (string, error)
	// Within are the words before daypass's own where another program carries its commands.
	Within  []string
	Version string

	system system
	// envEnd closes what env has begun to print.
	envEnd string
	global globalFlags
	keys   profileFlags
	loaded profile.Profile // for what an error says beside AWS's answer
	called bool            // by an SDK, which shows our stderr to people who did not call us
	waits  waiting
	tab    login.Tab
	// ignoresInterrupt says that whoever started us did so in the background of a script.
	ignoresInterrupt bool
}

// System returns the App of this process. Version "" means that it stands in the build information.
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

// Main runs one command and returns its exit code (see package remedy). An interrupt ends at once
// whatever waits, and a second one ends the process itself.
func Main(ctx context.Context, args []string, app *App) int {
	cobra.EnableCommandSorting = false // help shows first what matters first
	app.ignoresInterrupt = signal.Ignored(os.Interrupt)
	ctx, stop := untilSignal(ctx, endings()...)
	defer stop()
	root := newRootCommand(app)
	root.SetArgs(args)
	command, err := root.ExecuteContextC(ctx)
	app.waits.end()
	defer func() {
		if ctx.Err() == nil {
			app.tab.Wait()
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

// loadProfile reads the profile that the flags, the environment and the file describe.
func (app *App) loadProfile() (profile.Profile, error) {
	p, err := profile.Load(profile.Source{
		Getenv: app.getenv, File: app.global.config, Name: app.global.profile,
		Flags: app.keys.given(),
	})
	if err != nil {
		return profile.Profile{}, err
	}
	app.loaded = p
	for _, warning := range p.Warnings {
		app.terminal().warn(warning)
	}
	return p, nil
}

// options says how this process reaches the person and the system.
func (app *App) options(p profile.Profile, t *terminal) daypass.Options {
	o := daypass.Environment(app.Getenv)
	o.OpenBrowser, o.Apart = app.browser(), app.signInElsewhere(p)
	o.Waiting, o.Notify, o.Warn, o.Step = t.waitingFor, t.event, t.warn, t.stepper()
	o.Tab = &app.tab
	o.Now, o.Version, o.AgentCommand = app.Now, app.Version, app.agentCommand()
	return o
}

// prepare loads the profile and says how to work for it.
func (app *App) prepare() (profile.Profile, daypass.Options, error) {
	p, err := app.loadProfile()
	if err != nil {
		return profile.Profile{}, daypass.Options{}, err
	}
	if err := profile.CheckHome(app.Getenv("HOME")); err != nil {
		return profile.Profile{}, daypass.Options{}, err
	}
	return p, app.options(p, app.terminal()), nil
}

// open prepares and wires the broker: what nearly every command begins with.
func (app *App) open() (profile.Profile, daypass.Options, *broker.Broker, error) {
	p, options, err := app.prepare()
	if err != nil {
		return profile.Profile{}, daypass.Options{}, nil, err
	}
	b, err := daypass.New(p, options)
	return p, options, b, err
}

// credentialLasting is for those who cannot come back for another (broker.Broker.CredentialLasting).
func (app *App) credentialLasting(ctx context.Context, least time.Duration) (profile.Profile, credential.Credential, error) {
	p, _, b, err := app.open()
	if err != nil {
		return profile.Profile{}, credential.Credential{}, err
	}
	ctx, cancel := app.within(ctx, callerPatience)
	defer cancel()
	c, err := b.CredentialLasting(ctx, least)
	return p, c, err
}

// within bounds a command's waiting for a person or a network: --timeout, else usual.
func (app *App) within(ctx context.Context, usual time.Duration) (context.Context, context.CancelFunc) {
	if app.global.timeout > 0 {
		usual = app.global.timeout
	}
	return context.WithTimeout(ctx, usual)
}
