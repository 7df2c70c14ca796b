package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/daypass"
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
	client, err := app.open(silent)
	if err != nil {
		return err
	}
	done, failed := app.signOut(ctx, client, also)
	if failed == nil && !done.WasSignedIn {
		app.terminal().say("Nobody was signed in.")
	}
	if also.endSession && !client.Profile().IdentityPool.Guest {
		failed = append(failed, app.endSession(ctx, client, done))
	}
	return app.tell(failed)
}

// logoutAll signs out of every known login. One that fails does not keep the others signed in.
func (app *App) logoutAll(ctx context.Context, also atIdP) error {
	if err := profile.CheckHome(app.Getenv("HOME")); err != nil {
		return err
	}
	logins, err := daypass.Logins(app.options(profile.Profile{}, app.terminal()), app.configured())
	if err != nil {
		app.terminal().warn(err)
	}
	var told []error
	var complete []daypass.Login
	var ended []func() // the sessions at the identity providers, last
	any := false
	for _, l := range logins {
		o := app.options(l.Profile, app.terminal().of(l.Profile))
		o.Background = nil
		client, err := l.Open(o)
		if err != nil {
			return err // about the private directory, which all logins share
		}
		done, failed := app.signOut(ctx, client, also)
		if failed == nil && done.Complete() {
			complete = append(complete, l)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		told = append(told, app.told(failed)...)
		any = any || done.WasSignedIn
		if also.endSession && done.WasSignedIn && !l.Profile.IdentityPool.Guest {
			ended = append(ended, func() { told = append(told, app.told([]error{app.endSession(ctx, client, done)})...) })
		}
	}
	if err := daypass.ForgetLogins(ctx, app.options(profile.Profile{}, app.terminal()), complete...); err != nil {
		app.terminal().warn(err)
	}
	for _, end := range ended {
		end()
	}
	if !any && len(told) == 0 {
		app.terminal().say("Nobody was signed in.")
	}
	return lastly(told)
}

// signOut signs out of one login, and says what was done.
func (app *App) signOut(ctx context.Context, client *daypass.Client, also atIdP) (daypass.SignOutResult, []error) {
	ctx, cancel := app.within(ctx, callerPatience)
	defer cancel()
	done, err := client.SignOut(ctx)
	if err != nil {
		return done, []error{err}
	}
	return done, app.terminal().of(client.Profile()).signedOut(done, also.revoke)
}

// endSession takes the browser to the identity provider.
func (app *App) endSession(ctx context.Context, client *daypass.Client, done daypass.SignOutResult) error {
	ctx, cancel := app.within(ctx, callerPatience)
	defer cancel()
	p := client.Profile()
	if err := app.checkAsked(p); err != nil {
		return &daypass.Error{Profile: p, Err: fmt.Errorf("ending the session at the identity provider: %w", err)}
	}
	if err := client.EndSession(ctx, done.IDToken); err != nil {
		return err
	}
	t := app.terminal().of(p)
	t.say("Your browser was sent to %s to end the session there.", sanitize.Text(t.host()))
	return nil
}

// signedOut says what was done, and returns what failed. A keyring that holds a sign-in and does not delete it is a
// failure; a missing keyring is not.
func (t *terminal) signedOut(done daypass.SignOutResult, revoke bool) []error {
	failed := func(err error) []error { return []error{&daypass.Error{Profile: t.profile, Err: err}} }
	absent := errors.Is(done.KeyringErr, keyring.ErrUnavailable)
	if done.KeyringErr != nil && !absent {
		return failed(fmt.Errorf("forgetting the sign-in: %w", done.KeyringErr))
	}
	if done.WasSignedIn {
		t.done("%s", signedOutOf(done))
	}
	if absent && !done.InMemory && (done.WasSignedIn || t.verbose) {
		t.warn(fmt.Errorf("what a keyring may hold is not forgotten: %w", done.KeyringErr))
	}
	switch {
	case revoke && done.RevokeErr != nil:
		return failed(done.RevokeErr)
	case revoke && done.WasSignedIn && !done.Revoked && !done.Complete():
		return failed(fmt.Errorf("revoking the sign-in: %w", done.KeyringErr))
	case done.RevokeErr != nil && !errors.Is(done.RevokeErr, login.ErrNoRevocation):
		t.warn(done.RevokeErr)
	}
	return nil
}

// signedOutOf says who is signed out, and where.
func signedOutOf(done daypass.SignOutResult) string {
	who := cmp.Or(done.Claims.Email, done.Claims.Subject)
	u, err := url.Parse(done.Claims.Issuer)
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
