package command

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/sandbox"
)

func newRunCommand(t *Tool, f *flags) *cobra.Command {
	cmd := &cobra.Command{
		Use: "run [--] CMD...", Short: "Run a command in a sandbox of its own",
		Long: "Runs CMD in a sandbox of its own, with a browser that signs in automatically (see --user),\n" +
			"and exits with CMD's exit code. The profiles demo, demo-cognito and demo-guest exist, for\n" +
			"daypass and for AWS's SDKs; demo is the default.",
		Example: "  daypass-sandbox run -- aws sts get-caller-identity\n" +
			"  daypass-sandbox run --user bob --fault s3:throttled=2 -- sh",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("no command to run; name a command, such as: daypass-sandbox run -- aws sts get-caller-identity")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := t.open(f, sandbox.Options{})
			if err != nil {
				return err
			}
			if err = c.checkAWS(args); err == nil {
				err = c.run(args, f.person())
			}
			return errors.Join(err, c.close())
		},
	}
	cmd.Flags().SetInterspersed(false) // flags after CMD are CMD's
	return cmd
}

// run runs the command with this program as its browser, forwards signals, and returns how it ended.
func (c *cloud) run(args []string, user string) error {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.tool.in, c.tool.out, c.tool.err
	cmd.Env = c.environment("DAYPASS_BROWSER="+c.self[0], userVariable+"="+user)
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("running %q: %w", args[0], err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			if !reachesGroup(s) {
				_ = cmd.Process.Signal(s) // it may have just ended
			}
		case err := <-ended:
			return endOf(cmd, err)
		}
	}
}

// endOf returns the command's exit status as a shell would: 128 plus the signal's number, if one ended it.
func endOf(cmd *exec.Cmd, err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	if s := signalOf(exit.ProcessState); s != 0 {
		return exitStatus(128 + s)
	}
	return exitStatus(exit.ExitCode())
}
