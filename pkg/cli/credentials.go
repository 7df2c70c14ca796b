package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/profile"
)

// callerTimeout limits commands that an SDK or a script waits for: the Go SDK kills its credential process after 60 s.
const callerTimeout = 50 * time.Second

func newCredentialsCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:   "credentials",
		Short: "Print credential_process JSON for AWS SDKs and CLIs",
		Long: "Prints the JSON that AWS SDKs and CLIs expect of a credential_process, and nothing else.\n" +
			"A cached credential is printed immediately; a stale one is refreshed without prompting. If that\n" +
			"is not possible and you can be prompted (--sign-in), a browser tab opens for you to sign in. The\n" +
			"program daypass-credentials does the same and returns a cached credential in half the time.\n\n" +
			"The command waits 50 s for you to sign in, then exits with code 4. The tab stays open for five\n" +
			"minutes, and the next call picks up the result. Other callers wait for the same tab. After a sign-in\n" +
			"that failed or timed out, no tab opens on its own until you run daypass login.",
		Example: "  # ~/.aws/config\n  [profile photos]\n" +
			"  credential_process = daypass-credentials --profile photos",
		Args: app.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := app.open(func(p profile.Profile, o *daypass.Options) {
				if !isTerminal(app.Out) { // an SDK shows our stderr to people who did not run daypass
					t := app.terminal().of(p)
					t.attended = false
					o.Notify = t.event
				}
			})
			if err != nil {
				return err
			}
			ctx, cancel := app.within(cmd.Context(), callerTimeout)
			defer cancel()
			c, err := client.Credential(ctx)
			if err != nil {
				return err
			}
			return c.WriteProcess(app.Out)
		},
	}
}
