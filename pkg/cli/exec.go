package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/internal/credserver"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/profile"
)

func newExecCommand(app *App) *cobra.Command {
	var renew bool
	var least time.Duration
	cmd := &cobra.Command{
		Use:   "exec [flags] -- COMMAND [ARGUMENT...]",
		Short: "Run a command with your credentials",
		Long: "Runs a command with your credentials in its environment, and without the variables that would hide " +
			"them. The command replaces daypass (on Windows daypass waits for it), so signals, job control and the " +
			"exit code are the command's own.\n" +
			"With --renew the command gets its credentials from a local endpoint that serves only this command and " +
			"ends with it, so the command can run longer than a credential lasts; daypass waits for it. Exit code 127 " +
			"means that the command was not found, 126 that it cannot be run. Before the command runs, the other exit " +
			"codes are daypass's.",
		Example: "  daypass exec -- aws sts get-caller-identity\n  daypass exec --renew -- ./train.py --epochs 90",
		Args:    someCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			if app.global.output == "json" {
				return usagef("exec does not support --output: the output is the command's")
			}
			if least < 0 {
				return usagef("--min-ttl must not be negative: %s", least)
			}
			if renew && cmd.Flags().Changed("min-ttl") {
				return usagef("--min-ttl and --renew cannot be combined")
			}
			path, err := findProgram(args[0])
			if err != nil {
				return err
			}
			if renew {
				return app.execRenewing(cmd.Context(), path, args)
			}
			return app.exec(cmd.Context(), path, args, least)
		},
	}
	f := cmd.Flags()
	f.SetInterspersed(false)
	f.BoolVar(&renew, "renew", false, "serve the command credentials that refresh themselves")
	f.DurationVar(&least, "min-ttl", 12*time.Hour, "refresh credentials that expire sooner (default: half their lifetime)")
	return cmd
}

func someCommand(_ *cobra.Command, args []string) error {
	if len(args) == 0 || args[0] == "" {
		return usagef("exec needs a command: daypass exec -- COMMAND")
	}
	return nil
}

// exec replaces this process by the command or, on Windows, runs it.
func (app *App) exec(ctx context.Context, path string, args []string, least time.Duration) error {
	p, c, err := app.credentialLasting(ctx, least)
	if err != nil {
		return err
	}
	environ, err := app.childEnviron(credential.NewEnvironment(c, place(p)))
	if err != nil {
		return err
	}
	app.waits.end()
	return app.become(path, args, environ)
}

// execRenewing serves credentials while the command runs. A sign-in, if one is needed, comes first.
func (app *App) execRenewing(ctx context.Context, path string, args []string) error {
	warn := app.besideCommand(withoutRepeats(app.terminal().warn))
	var renewal daypass.Options
	client, err := app.open(func(_ profile.Profile, o *daypass.Options) {
		o.Notify = withWarnings(o.Notify, warn)
		renewal = *o
	})
	if err != nil {
		return err
	}
	first, cancel := app.within(ctx, callerTimeout)
	defer cancel()
	if _, err := client.Credential(first); err != nil {
		return err
	}
	p := client.Profile()
	renewal.Background, renewal.Notify = nil, withWarnings(nil, warn) // the command uses the terminal
	if client, err = daypass.Open(p, renewal); err != nil {
		return err
	}
	server, err := app.newEndpoint(0, client)
	if err != nil {
		return err
	}
	warnEach := app.besideCommand(app.terminal().warn)
	server.Notify = func(e credserver.Event) { warnOfRequest(e, warnEach) }
	environ, err := app.childEnviron(credential.NewContainerEnvironment(server.URL(), server.Token(), "", place(p)))
	if err != nil {
		return errors.Join(err, server.Close())
	}
	app.waits.end()
	return app.runBeside(ctx, server, func() (exitStatus, error) { return app.supervise(path, args, environ) })
}

// runBeside serves until the command ends. Signals no longer cancel the context: they are for the command.
func (app *App) runBeside(ctx context.Context, server *credserver.Server, run func() (exitStatus, error)) error {
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(serving) }()
	status, err := run()
	stop()
	if served := <-ended; err == nil && served != nil {
		app.terminal().warn(served)
	}
	if err != nil {
		return err
	}
	return status.pass()
}

// newEndpoint returns an endpoint that serves the client's credentials.
func (app *App) newEndpoint(port int, client *daypass.Client) (*credserver.Server, error) {
	server, err := credserver.Listen(port)
	if err != nil {
		return nil, err
	}
	server.Source, server.SourceCaches, server.Now = client, client.Profile().Agent, app.Now
	server.Explain = app.explain
	return server, nil
}

// explain returns what an SDK shows of an error. The details go to stderr.
func (app *App) explain(err error) credserver.Failure {
	switch r := app.terminal().remedyFor(err); r.ExitCode {
	case remedy.ExitSignInNeeded:
		return credserver.Failure{Code: "login_required", Message: "sign-in required: " + r.Try, Final: true}
	case remedy.ExitRefused:
		return credserver.Failure{Code: "refused", Message: "the identity provider or AWS refused; see the output of daypass", Final: true}
	}
	return credserver.Failure{Code: "unavailable", Message: "no credential is available at present; see the output of daypass"}
}

// warnOfRequest warns of refused and failed requests. Nothing else is shown while the command uses the terminal.
func warnOfRequest(e credserver.Event, warn func(error)) {
	switch e := e.(type) {
	case credserver.Refused:
		warn(refusedError(e))
	case credserver.Failed:
		warn(fmt.Errorf("refreshing the command's credentials: %w", e.Err))
	}
}

// childEnviron returns the environment of a command, without the client secret.
func (app *App) childEnviron(e credential.Environment) ([]string, error) {
	e = app.withExported(e)
	e.Unset = append(e.Unset, "DAYPASS_CLIENT_SECRET")
	return e.Over(app.Environ())
}

// withoutRepeats leaves out warnings that are equal to the one before.
func withoutRepeats(warn func(error)) func(error) {
	last := ""
	return func(err error) {
		if text := err.Error(); text != last {
			last = text
			warn(err)
		}
	}
}

// withWarnings calls warn for warnings and notify for every other event; notify may be nil.
func withWarnings(notify func(daypass.Event), warn func(error)) func(daypass.Event) {
	return func(e daypass.Event) {
		if warning, ok := e.(daypass.Warning); ok {
			warn(warning.Err)
		} else if notify != nil {
			notify(e)
		}
	}
}

// exitError ends daypass with an exit code of its own. Err is printed unless it is nil.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// findProgram finds a program in PATH. Its errors have the exit codes of a shell.
func findProgram(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err == nil || errors.Is(err, exec.ErrDot) { // the person put the dot into PATH
		return path, nil
	}
	return "", runError(name, errors.Unwrap(err))
}

// runError returns the error of a command that cannot be run.
func runError(name string, err error) error {
	code := remedy.ExitCannotRun
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		code = remedy.ExitNoCommand
	}
	if errors.Is(err, exec.ErrNotFound) {
		err = errors.New("command not found")
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		err = errno
	}
	return &exitError{code, fmt.Errorf("running %q: %w", name, err)}
}
