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
	waits  waiting
	opened []*daypass.Client
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

// loadProfile reads the profile that the flags, the environment and the file describe.
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

// options says how this process reaches the person and the system.
func (app *App) options(p profile.Profile, t *terminal) daypass.Options {
	o := daypass.Environment(app.Getenv)
	o.OpenBrowser, o.Background, o.Notify = app.browser(), app.background(p, t), t.event
	o.Now, o.Version, o.AgentCommand = app.Now, app.Version, app.agentCommand()
	return o
}

// open loads the profile and opens its client, whose options adjust may change; nil changes none.
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

// silent keeps a command from starting sign-ins.
func silent(_ profile.Profile, o *daypass.Options) { o.Background = nil }

// credentialLasting is for commands that cannot come back for another (daypass.Client.CredentialLasting).
func (app *App) credentialLasting(ctx context.Context, least time.Duration) (profile.Profile, credential.Credential, error) {
	client, err := app.open(nil)
	if err != nil {
		return profile.Profile{}, credential.Credential{}, err
	}
	ctx, cancel := app.within(ctx, callerPatience)
	defer cancel()
	c, err := client.CredentialLasting(ctx, least)
	return client.Profile(), c, err
}

// within bounds a command's waiting for a person or a network: --timeout, else usual.
func (app *App) within(ctx context.Context, usual time.Duration) (context.Context, context.CancelFunc) {
	if app.global.timeout > 0 {
		usual = app.global.timeout
	}
	return context.WithTimeout(ctx, usual)
}
