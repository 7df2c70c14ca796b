package command

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/cli"
)

// daypassCommand is the word behind which this program is daypass.
const daypassCommand = "daypass"

// newDaypassCommand stands in the list of commands; run gets there without it.
func newDaypassCommand() *cobra.Command {
	return &cobra.Command{
		Use: daypassCommand + " COMMAND", Short: "The command line of daypass itself",
		Long: "Everything behind it is daypass's own command line, so that a credential_process works with\n" +
			"nothing installed.",
		Example: "  daypass-sandbox daypass login", DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
}

// daypass is daypass within this program: its agent is this program again.
func (t *Tool) daypass() *cli.App {
	app := cli.System(t.version)
	app.Executable, app.Within = t.executable, []string{daypassCommand}
	return app
}

// daypass is daypass in this process and in the sandbox.
func (c *cloud) daypass(out, err io.Writer) *cli.App {
	app, environ := c.tool.daypass(), c.environment()
	app.Out, app.Err = out, err
	app.Getenv = func(name string) string { return lookup(environ, name) }
	return app
}
