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
			"them. daypass becomes that command, or on Windows waits beside it: signals, place in the shell and exit " +
			"code are the command's own.\n" +
			"With --renew the credentials come from an endpoint that only this command is told of and that ends " +
			"with it, so that it may run longer than any credential lasts; daypass then waits beside it. Exit code " +
			"127 says that there is no such command, 126 that it cannot be run; until the command runs, the " +
			"others are daypass's own.",
		Example: "  daypass exec -- aws sts get-caller-identity\n  daypass exec --renew -- ./train.py --epochs 90",
		Args:    someCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			if app.global.output == "json" {
				return usagef("--output is not for exec: what is printed is the command's own")
			}
			if least < 0 {
				return usagef("--min-ttl is a time that is left, not %s", least)
			}
			if renew && cmd.Flags().Changed("min-ttl") {
				return usagef("--min-ttl is of no use with --renew")
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
	f.BoolVar(&renew, "renew", false, "have the command fetch credentials that renew themselves")
	f.DurationVar(&least, "min-ttl", 12*time.Hour, "renew first when less than this is left (default: half its life)")
	return cmd
}

func someCommand(_ *cobra.Command, args []string) error {
	if len(args) == 0 || args[0] == "" {
		return usagef("which command? daypass exec -- COMMAND")
	}
	return nil
}

// exec becomes the command, or where a system cannot do that, runs it.
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

// execRenewing runs the command beside an endpoint that ends with it. Whoever must sign in does so before.
func (app *App) execRenewing(ctx context.Context, path string, args []string) error {
	warn := app.besideCommand(unrepeated(app.terminal().warn))
	var later daypass.Options
	client, err := app.open(func(_ profile.Profile, o *daypass.Options) {
		o.Notify = withWarnings(o.Notify, warn)
		later = *o
	})
	if err != nil {
		return err
	}
	first, cancel := app.within(ctx, callerPatience)
	defer cancel()
	if _, err := client.Credential(first); err != nil {
		return err
	}
	p := client.Profile()
	later.Background, later.Notify = nil, withWarnings(nil, warn) // the terminal is the command's
	if client, err = daypass.Open(p, later); err != nil {
		return err
	}
	server, err := app.newEndpoint(0, client)
	if err != nil {
		return err
	}
	tell := app.besideCommand(app.terminal().warn)
	server.Notify = func(e credserver.Event) { app.tellCommand(e, tell) }
	environ, err := app.childEnviron(credential.NewContainerEnvironment(server.URL(), server.Token(), "", place(p)))
	if err != nil {
		return errors.Join(err, server.Close())
	}
	app.waits.end()
	return app.runBeside(ctx, server, func() (exitStatus, error) { return app.supervise(path, args, environ) })
}

// runBeside serves while the command runs. Its signals are the command's business from here on, and so is
// when it all ends.
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

// newEndpoint wires an endpoint for the client's credentials.
func (app *App) newEndpoint(port int, client *daypass.Client) (*credserver.Server, error) {
	server, err := credserver.Listen(port)
	if err != nil {
		return nil, err
	}
	server.Source, server.SourceCaches, server.Now = client, client.Profile().Agent, app.Now
	server.Explain = app.explain
	return server, nil
}

// explain says to an SDK's caller what to do, and leaves the rest to stderr.
func (app *App) explain(err error) credserver.Failure {
	switch r := app.terminal().remedyFor(err); r.ExitCode {
	case remedy.ExitSignInNeeded:
		return credserver.Failure{Code: "login_required", Message: "sign-in required: " + r.Try, Final: true}
	case remedy.ExitRefused:
		return credserver.Failure{Code: "refused", Message: "the identity provider or AWS refused; daypass, which serves this, says why", Final: true}
	}
	return credserver.Failure{Code: "unavailable", Message: "there is no credential just now; daypass, which serves this, says why"}
}

// tellCommand tells little: the terminal is the command's.
func (app *App) tellCommand(e credserver.Event, tell func(error)) {
	switch e := e.(type) {
	case credserver.Refused:
		tell(refusedError(e))
	case credserver.Failed:
		tell(fmt.Errorf("the command gets no fresh credentials: %w", e.Err))
	}
}

// childEnviron is the environment of a command: no client secret is in it, for the command needs none.
func (app *App) childEnviron(e credential.Environment) ([]string, error) {
	e = app.withExported(e)
	e.Unset = append(e.Unset, "DAYPASS_CLIENT_SECRET")
	return e.Over(app.Environ())
}

// unrepeated leaves out a warning that is the same as the last.
func unrepeated(warn func(error)) func(error) {
	last := ""
	return func(err error) {
		if text := err.Error(); text != last {
			last = text
			warn(err)
		}
	}
}

// withWarnings has warn told of warnings, and notify of everything else; nil: of nothing else.
func withWarnings(notify func(daypass.Event), warn func(error)) func(daypass.Event) {
	return func(e daypass.Event) {
		if warning, ok := e.(daypass.Warning); ok {
			warn(warning.Err)
		} else if notify != nil {
			notify(e)
		}
	}
}

// exitError ends daypass with a code of its own. What there is to tell is in err, nil for nothing.
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

// findProgram finds it as a shell does, whose exit codes the errors have.
func findProgram(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err == nil || errors.Is(err, exec.ErrDot) { // a PATH with a dot in it is the person's own
		return path, nil
	}
	return "", runError(name, errors.Unwrap(err))
}

// runError says why a command cannot be run.
func runError(name string, err error) error {
	code := remedy.ExitCannotRun
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		code = remedy.ExitNoCommand
	}
	if errors.Is(err, exec.ErrNotFound) {
		err = errors.New("there is no such command")
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		err = errno
	}
	return &exitError{code, fmt.Errorf("running %q: %w", name, err)}
}
