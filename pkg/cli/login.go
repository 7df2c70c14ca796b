package cli

import (
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/plain"
)

// signInPatience is how long login waits for the person.
const signInPatience = 5 * time.Minute

func newLoginCommand(app *App) *cobra.Command {
	var again bool
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Sign in at your identity provider",
		Long: "Signs you in at your identity provider, in the browser, and says who you are and until when.\n" +
			"Where a sign-in is kept that still works, no browser opens.",
		Example: "  daypass login\n  daypass login --profile photos --again",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// A profile may say never, which holds for its other commands.
			if slices.Equal(app.keys.given()["sign_in"], []string{"never"}) {
				return usagef("--sign-in never contradicts login")
			}
			ctx, cancel := app.within(cmd.Context(), signInPatience)
			defer cancel()
			p, o, err := app.prepare()
			if err != nil {
				return err
			}
			o.MaySignIn = func() bool { return true }
			b, err := daypass.New(p, o)
			if err != nil {
				return err
			}
			var c credential.Credential
			if !again {
				c, err = b.Credential(ctx)
			}
			if again || err == nil && !c.Fresh(app.Now()) {
				c, err = b.SignIn(ctx)
			}
			if err != nil {
				return err
			}
			return app.reportSignIn(newHolder(p, b.Grant(ctx), c))
		},
	}
	cmd.Flags().BoolVar(&again, "again", false, "sign in anew, as another person perhaps")
	return cmd
}

// reportSignIn tells people on stderr, and scripts on stdout.
func (app *App) reportSignIn(h holder) error {
	if app.global.output == "json" {
		return writeJSON(app.Out, h)
	}
	t := app.terminal()
	t.done("Signed in as %s", plain.Text(h.person()))
	t.say("")
	if !t.quiet {
		t.pairs(h.pairs(app.Now()))
	}
	return nil
}
