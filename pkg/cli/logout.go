package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/daypass"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/keyring"
	"github.com/daypass/daypass/pkg/internal/login"
	"github.com/daypass/daypass/pkg/internal/sanitize"
	"github.com/daypass/daypass/pkg/profile"
)

func newLogoutCommand(app *App) *cobra.Command {
	var all bool
	var also atIdP
	cmd := &cobra.Command{
		Use:   "logout",
		Short: "Forget the sign-in, here and at the identity provider",
		Long: "Forgets the sign-in of this profile and every credential that came of it, and revokes it at\n" +
			"the identity provider where that is offered. Credentials that other programs hold already go\n" +
			"on until they expire: AWS has no way to call them back. --all forgets every sign-in that daypass\n" +
			"status shows, whether its profile is still there or not. Whatever the identity provider\n" +
			"does, all is forgotten here first. --revoke makes it a failure when it could not be told.\n" +
			"--end-session sends your browser there to end its own session too, so that the next\n" +
			"sign-in asks who you are; the identity provider may ask you whether to sign out.",
		Example: "  daypass logout\n  daypass logout --all --revoke\n  daypass logout --end-session",
		Args:    app.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if all {
				return app.logoutAll(cmd.Context(), also)
			}
			return app.logout(cmd.Context(), also)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&all, "all", false, "every sign-in that is kept here")
	f.BoolVar(&also.revoke, "revoke", false, "fail where the sign-in could not be revoked")
	f.BoolVar(&also.endSession, "end-session", false, "send your browser to the identity provider to end its session too")
	return cmd
}

// atIdP is what must be done at the identity provider, beyond trying to revoke.
type atIdP struct{ revoke, endSession bool }

func (app *App) logout(ctx context.Context, also atIdP) error {
	p, o, b, err := app.open()
	if err != nil {
		return err
	}
	gone, faults := app.forget(ctx, b, also)
	if faults == nil && !gone.Held {
		app.terminal().say("Nobody was signed in.")
	}
	if also.endSession && !p.IdentityPool.Guest {
		faults = append(faults, app.endSession(ctx, p, o, gone))
	}
	return app.tell(faults)
}

// logoutAll signs out of every login that is known. One that fails does not keep the others signed in.
func (app *App) logoutAll(ctx context.Context, also atIdP) error {
	if err := profile.CheckHome(app.Getenv("HOME")); err != nil {
		return err
	}
	o := app.options(profile.Profile{}, app.terminal())
	logins, err := daypass.Logins(o, app.configured())
	if err != nil {
		app.terminal().warn(err)
	}
	var faults []error
	var done []string
	gone := make([]broker.Forgotten, len(logins))
	for i, l := range logins {
		app.loaded = l.Profile // what an error says beside an answer
		b, err := l.Broker(o)
		if err != nil {
			return err // the private directory's: it is every login's
		}
		forgotten, failed := app.forget(ctx, b, also)
		if failed == nil && forgotten.Entirely() {
			done = append(done, l.Key)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		gone[i], faults = forgotten, append(faults, app.told(failed)...)
	}
	if err := daypass.ForgetLogins(ctx, o, done...); err != nil {
		app.terminal().warn(err)
	}
	held := false
	for i, l := range logins {
		held = held || gone[i].Held
		if also.endSession && gone[i].Held && !l.Profile.IdentityPool.Guest {
			app.loaded = l.Profile
			faults = append(faults, app.told([]error{app.endSession(ctx, l.Profile, o, gone[i])})...)
		}
	}
	if !held && len(faults) == 0 {
		app.terminal().say("Nobody was signed in.")
	}
	return lastly(faults)
}

// forget signs out of one login, and says what became of it.
func (app *App) forget(ctx context.Context, b *broker.Broker, also atIdP) (broker.Forgotten, []error) {
	ctx, cancel := app.within(ctx, callerPatience)
	defer cancel()
	gone, err := b.SignOut(ctx)
	if err != nil {
		return gone, []error{err}
	}
	return gone, app.terminal().signedOut(gone, also.revoke)
}

// endSession takes the browser to the identity provider.
func (app *App) endSession(ctx context.Context, p profile.Profile, o daypass.Options, gone broker.Forgotten) error {
	ctx, cancel := app.within(ctx, callerPatience)
	defer cancel()
	if err := app.checkAsked(p); err != nil {
		return fmt.Errorf("ending the session at the identity provider: %w", err)
	}
	if err := daypass.EndSession(ctx, p, o, gone.IDToken); err != nil {
		return err
	}
	t := app.terminal()
	t.say("Your browser was sent to %s to end the session there.", sanitize.Text(t.host()))
	return nil
}

// signedOut tells what was forgotten, and returns what went wrong. A keyring that holds a sign-in and would not
// forget it is a failure; one that is not there is none.
func (t *terminal) signedOut(gone broker.Forgotten, revoke bool) []error {
	absent := errors.Is(gone.KeyringErr, keyring.ErrUnavailable)
	if gone.KeyringErr != nil && !absent {
		return []error{fmt.Errorf("forgetting the sign-in: %w", gone.KeyringErr)}
	}
	if gone.Held {
		t.done("%s", signedOutOf(gone))
	}
	if absent && !gone.InMemory && (gone.Held || t.verbose) {
		t.warn(fmt.Errorf("what a keyring may hold is not forgotten: %w", gone.KeyringErr))
	}
	switch {
	case revoke && gone.RevokeErr != nil:
		return []error{gone.RevokeErr}
	case revoke && gone.Held && !gone.Revoked && !gone.Entirely():
		return []error{fmt.Errorf("revoking the sign-in: %w", gone.KeyringErr)}
	case gone.RevokeErr != nil && !errors.Is(gone.RevokeErr, login.ErrNoRevocation):
		t.warn(gone.RevokeErr)
	}
	return nil
}

// signedOutOf says who is signed out, and where.
func signedOutOf(gone broker.Forgotten) string {
	who := cmp.Or(gone.Claims.Email, gone.Claims.Subject)
	u, err := url.Parse(gone.Claims.Issuer)
	if who == "" || err != nil || u.Host == "" {
		return "Signed out"
	}
	return sanitize.Text("Signed out " + who + " at " + u.Host)
}

// tell leaves a single failure to the end of the command, and tells several here.
func (app *App) tell(faults []error) error {
	var failed []error
	for _, err := range faults {
		if err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) == 1 {
		return failed[0]
	}
	return lastly(app.told(failed))
}

// told tells failures, and returns their exit codes as errors that say no more.
func (app *App) told(faults []error) []error {
	var all []error
	for _, err := range faults {
		if err != nil {
			all = append(all, &partly{exitCode: app.terminal().failRemedy(err)})
		}
	}
	return all
}

// lastly is what a command ends with whose failures have been told: the exit code of the first.
func lastly(told []error) error {
	if len(told) == 0 {
		return nil
	}
	return told[0]
}
