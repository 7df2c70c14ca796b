package cli

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
)

// become runs the command until it ends: Windows has no execve(2).
func (app *App) become(path string, args, environ []string) error {
	status, err := app.supervise(path, args, environ)
	if err != nil {
		return err
	}
	return status.pass()
}

// exitStatus is how a command ended.
type exitStatus int

func (s exitStatus) pass() error {
	if s == 0 {
		return nil
	}
	return &exitError{code: int(s)}
}

// supervise runs the command. It gets Ctrl-C from the console; daypass ignores that.
func (app *App) supervise(path string, args, environ []string) (exitStatus, error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	defer signal.Stop(signals)
	cmd := exec.Command(path, args[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = environ, os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exitStatus(exit.ExitCode()), nil
	}
	if err != nil {
		return 0, runError(args[0], err)
	}
	return 0, nil
}

// besideCommand returns warn: on Windows a warning cannot stop daypass.
func (app *App) besideCommand(warn func(error)) func(error) { return warn }
