package command

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/cli"
)

// daypassCommand is the argument after which this program behaves as daypass.
const daypassCommand = "daypass"

// newDaypassCommand is only for the list of commands: Main handles it before cobra.
func newDaypassCommand() *cobra.Command {
	return &cobra.Command{
		Use: daypassCommand + " COMMAND", Short: "The command line of daypass itself",
		Long: "Runs daypass itself with the arguments that follow, so that a credential_process works\n" +
			"with nothing installed.",
		Example: "  daypass-sandbox daypass login", DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
}

// daypass returns daypass within this program. Its agent is this program too.
func (t *Tool) daypass() *cli.App {
	app := cli.System(t.version)
	app.Executable, app.Within = t.executable, []string{daypassCommand}
	return app
}

// daypass returns daypass in this process and in the sandbox's environment.
func (c *cloud) daypass(out, err io.Writer) *cli.App {
	app, environ := c.tool.daypass(), c.environment()
	app.Out, app.Err = out, err
	app.Getenv = func(name string) string { return lookup(environ, name) }
	return app
}
