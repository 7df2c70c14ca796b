package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/remedy"
	"github.com/daypass/daypass/pkg/internal/sanitize"
	"github.com/daypass/daypass/pkg/profile"
)

// signInTimeout is how long login waits for the person.
const signInTimeout = 5 * time.Minute

func newLoginCommand(app *App) *cobra.Command {
	var again bool
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Sign in at your identity provider",
		Long: "Signs you in at your identity provider, in the browser, and shows who you are and when your credentials\n" +
			"expire. No browser opens if a stored sign-in still works. With --again the identity provider is asked to\n" +
			"prompt you again, with the profile's prompt parameter if it has one.",
		Example: "  daypass login\n  daypass login --profile photos --again",
		Args:    app.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// sign_in = "never" in a profile applies to its other commands.
			if slices.Equal(app.keys.given()["sign_in"], []string{"never"}) {
				return usagef("login cannot be combined with --sign-in never")
			}
			ctx, cancel := app.within(cmd.Context(), signInTimeout)
			defer cancel()
			var notInKeyring error // reported after who signed in
			client, err := app.open(func(p profile.Profile, o *daypass.Options) {
				o.Background, o.Again = nil, again
				o.Notify = withWarnings(o.Notify, func(err error) {
					if _, ok := errors.AsType[*broker.NotInKeyringError](err); ok {
						notInKeyring = err
						return
					}
					app.terminal().of(p).warn(err)
				})
			})
			if err != nil {
				return err
			}
			p := client.Profile()
			c, asked, err := ensureSignedIn(ctx, client, again, func() error { return signInNeeded(app.checkSignIn(p)) })
			if err != nil {
				return err
			}
			h := newSignedInAs(p, client.Grant(ctx), c)
			if !p.Agent && !h.Guest && (notInKeyring != nil || !h.Renews) {
				h.notStored, h.Renews, h.RenewsUntil = true, false, time.Time{}
			}
			defer app.warnShadowed(p) // after the report
			return app.reportSignIn(p, h, asked, notInKeyring)
		},
	}
	cmd.Flags().BoolVar(&again, "again", false, "sign in again, for example as another person")
	return cmd
}

// ensureSignedIn returns a credential of the stored sign-in if that works without prompting, or else of a new sign-in if
// mayAsk returns nil. Asked says that the person was prompted.
func ensureSignedIn(ctx context.Context, client *daypass.Client, again bool, mayAsk func() error) (
	c credential.Credential, asked bool, err error) {
	if !again {
		return client.EnsureSignedIn(ctx, mayAsk)
	}
	p := client.Profile()
	if !p.IdentityPool.Guest { // a guest is not prompted
		if err := mayAsk(); err != nil {
			return credential.Credential{}, false, &daypass.Error{Profile: p, Err: err}
		}
	}
	c, err = client.SignIn(ctx)
	return c, true, err
}

// reportSignIn prints who is signed in: text to stderr, JSON to stdout. Asked says that the person signed in just now,
// notInKeyring why the keyring did not store it.
func (app *App) reportSignIn(p profile.Profile, h signedInAs, asked bool, notInKeyring error) error {
	if app.global.output == "json" {
		if notInKeyring != nil {
			app.terminal().of(p).warn(notInKeyring)
		}
		return writeJSON(app.Out, h)
	}
	t := app.terminal().of(p)
	if t.quiet {
		return nil
	}
	still := !asked && !h.Guest
	if still {
		t.done("Still signed in as %s", sanitize.Text(h.person()))
	} else {
		t.done("Signed in as %s", sanitize.Text(h.person()))
	}
	t.say("")
	t.pairs(h.pairs(app.Now()))
	if still {
		t.dimmed("To sign in as another person: daypass login --again" + remedy.Flags(app.profileFlags(p)))
	}
	if notInKeyring != nil {
		t.warn(notInKeyring)
	}
	return nil
}
