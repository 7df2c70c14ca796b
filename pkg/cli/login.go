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

// signInPatience is how long login waits for the person.
const signInPatience = 5 * time.Minute

func newLoginCommand(app *App) *cobra.Command {
	var again bool
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Sign in at your identity provider",
		Long: "Signs you in at your identity provider, in the browser, and says who you are and until when.\n" +
			"Where a sign-in is kept that still works, no browser opens. With --again the identity provider is told to\n" +
			"ask you anew, by the profile's prompt if it has one.",
		Example: "  daypass login\n  daypass login --profile photos --again",
		Args:    app.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// A profile may say never, which holds for its other commands.
			if slices.Equal(app.keys.given()["sign_in"], []string{"never"}) {
				return usagef("--sign-in never contradicts login")
			}
			ctx, cancel := app.within(cmd.Context(), signInPatience)
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
			c, asked, err := ensureSignedIn(ctx, client, again, func() error { return signInNeeded(app.checkAsked(p)) })
			if err != nil {
				return err
			}
			h := newHolder(p, client.Grant(ctx), c)
			if !p.Agent && !h.Guest && (notInKeyring != nil || !h.Renews) {
				h.unkept, h.Renews, h.RenewsUntil = true, false, time.Time{}
			}
			defer app.warnShadowed(p) // after the report
			return app.reportSignIn(p, h, asked, notInKeyring)
		},
	}
	cmd.Flags().BoolVar(&again, "again", false, "sign in anew, as another person perhaps")
	return cmd
}

// ensureSignedIn returns a credential of the stored sign-in if that works silently, else of a new one, if mayAsk returns nil.
// Asked says that the person was asked.
func ensureSignedIn(ctx context.Context, client *daypass.Client, again bool, mayAsk func() error) (
	c credential.Credential, asked bool, err error) {
	if !again {
		return client.EnsureSignedIn(ctx, mayAsk)
	}
	p := client.Profile()
	if !p.IdentityPool.Guest { // a guest is not asked
		if err := mayAsk(); err != nil {
			return credential.Credential{}, false, &daypass.Error{Profile: p, Err: err}
		}
	}
	c, err = client.SignIn(ctx)
	return c, true, err
}

// reportSignIn tells people on stderr, and scripts on stdout. Asked says that somebody signed in just now,
// notInKeyring why the keyring does not have it.
func (app *App) reportSignIn(p profile.Profile, h holder, asked bool, notInKeyring error) error {
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
		t.aside("Another person: daypass login --again" + remedy.Flags(app.profileFlags(p)))
	}
	if notInKeyring != nil {
		t.warn(notInKeyring)
	}
	return nil
}
