package cli

import (
	"cmp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/agent"
)

func newAgentCommand(app *App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "agent",
		Short: "The background process that keeps credentials in memory",
		Long: "The agent keeps tokens and credentials in memory until they expire. Whichever command needs it\n" +
			"first starts it; it ends by itself when nothing is left to keep.",
		Hidden: true,
		Args:   noArgs,
		RunE:   func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAgentRunCommand(app))
	return cmd
}

func newAgentRunCommand(app *App) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Be the agent, in the foreground",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return agent.Serve(cmd.Context(), cmp.Or(dir, app.Getenv("DAYPASS_RUNTIME_DIR")))
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "have the socket in this private directory")
	return cmd
}

// agentCommand starts an agent: this program again. Nil where it cannot tell what it is.
func (app *App) agentCommand() []string {
	program, err := app.Executable()
	if err != nil {
		return nil
	}
	return slices.Concat([]string{program}, app.Within, []string{"agent", "run"})
}
