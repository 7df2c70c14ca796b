package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/profile"
)

// callerPatience is how long a command waits that an SDK or a script waits for: the Go SDK kills its
// credential process after 60 s.
const callerPatience = 50 * time.Second

func newCredentialsCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:   "credentials",
		Short: "Print credential_process JSON for AWS SDKs and CLIs",
		Long: "Prints the JSON that AWS SDKs and CLIs expect of a credential_process, and nothing else.\n" +
			"What is kept is printed at once; else it is renewed in silence; else you are asked to sign in,\n" +
			"where somebody can see it (--sign-in). The program daypass-credentials does the same; what is\n" +
			"kept comes in half the time.\n\n" +
			"The sign-in outlives a caller that is impatient: after 50 s this command leaves with exit code 4,\n" +
			"and for five minutes whoever calls next gets what came of it. No second tab opens by itself: others\n" +
			"wait for the one that is open, and one that came to nothing is followed by none until you run\n" +
			"daypass login.",
		Example: "  # ~/.aws/config\n  [profile photos]\n" +
			"  credential_process = daypass-credentials --profile photos",
		Args: app.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := app.open(func(p profile.Profile, o *daypass.Options) {
				if !isTerminal(app.Out) { // an SDK shows our stderr to people who did not call us
					t := app.terminal().of(p)
					t.attended = false
					o.Notify = t.event
				}
			})
			if err != nil {
				return err
			}
			ctx, cancel := app.within(cmd.Context(), callerPatience)
			defer cancel()
			c, err := client.Credential(ctx)
			if err != nil {
				return err
			}
			return c.WriteProcess(app.Out)
		},
	}
}
