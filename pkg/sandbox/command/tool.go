// Package command implements the command daypass-sandbox. It starts the servers of package sandbox to try daypass, to
// test, or to rehearse a deployment, and runs commands against them.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/cli"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/sandbox"
)

// Tool is the program's environment: streams, variables and arguments. Stdout carries only what a shell may evaluate,
// or the output of a command that runs in the sandbox; everything else goes to stderr.
type Tool struct {
	in         io.Reader
	out, err   io.Writer
	environ    []string
	args       []string // the command line
	executable func() (string, error)
	version    string
}

// System returns the Tool of this process.
func System(version string) *Tool {
	return &Tool{in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.Environ(), executable: os.Executable, version: version}
}

// Main runs one command and returns its exit code.
func Main(ctx context.Context, args []string, t *Tool) int {
	if len(args) > 0 && args[0] == daypassCommand { // all other arguments are daypass's
		return cli.Main(ctx, args[1:], t.daypass())
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	t.args = args
	cobra.EnableCommandSorting = false // the order of the help is deliberate
	root := newRootCommand(t)
	root.SetArgs(args)
	command, err := root.ExecuteContextC(ctx)
	return t.exitCode(command.CommandPath(), err)
}

// exitStatus is the exit code of a command that has already printed its own error.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// usageError is an invalid command line.
type usageError struct{ error }

func usagef(format string, values ...any) error { return usageError{fmt.Errorf(format, values...)} }

// exitCode prints the error and returns its exit code.
func (t *Tool) exitCode(command string, err error) int {
	var status exitStatus
	var option *sandbox.OptionError
	switch {
	case err == nil:
		return remedy.ExitDone
	case errors.As(err, &status):
		return int(status)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(t.err, "daypass-sandbox: interrupted")
		return remedy.ExitInterrupted
	case errors.As(err, &option):
		fmt.Fprintf(t.err, "daypass-sandbox: --%s\n", option)
	case errors.As(err, &usageError{}), cli.IsUsageError(err):
		fmt.Fprintf(t.err, "daypass-sandbox: %s\n", err)
	default:
		fmt.Fprintf(t.err, "daypass-sandbox: %s\n", err)
		return remedy.ExitFailed
	}
	fmt.Fprintf(t.err, "  try  %s --help\n", command)
	return remedy.ExitUsage
}
