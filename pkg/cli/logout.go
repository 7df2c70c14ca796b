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
		Short: "Sign out, here and at the identity provider",
		Long: "Deletes the profile's sign-in and revokes its refresh token at the identity provider, if that\n" +
			"supports revocation. Every credential that came from the sign-in is deleted too, also those of other\n" +
			"profiles with the same login, and a pending sign-in ends. Credentials that other programs already\n" +
			"hold work until they expire: AWS cannot revoke them. --all signs out of every login that daypass\n" +
			"status shows, even if its profile no longer exists. Everything stored here is deleted first; --revoke makes the\n" +
			"command fail if the identity provider did not revoke the token. --end-session opens the identity\n" +
			"provider's sign-out page in your browser, so that the next sign-in asks who you are; that page may\n" +
			"ask whether to sign out.",
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
	f.BoolVar(&all, "all", false, "sign out of every login")
	f.BoolVar(&also.revoke, "revoke", false, "fail if the sign-in was not revoked")
	f.BoolVar(&also.endSession, "end-session", false, "open the identity provider's sign-out page in your browser")
	return cmd
}

// atIdP says what is required of the identity provider.
type atIdP struct{ revoke, endSession bool }

func (app *App) logout(ctx context.Context, also atIdP) error {
	client, err := app.open(withoutSignIn)
	if err != nil {
		return err
	}
	done, failed := app.signOut(ctx, client, also)
	if failed == nil && !done.WasSignedIn {
		app.terminal().say("Not signed in.")
	}
	if also.endSession && !client.Profile().IdentityPool.Guest {
		failed = append(failed, app.endSession(ctx, client, done))
	}
	return app.report(failed)
}

// logoutAll signs out of every known login. It continues after a failure.
func (app *App) logoutAll(ctx context.Context, also atIdP) error {
	if err := profile.CheckHome(app.Getenv("HOME")); err != nil {
		return err
	}
	logins, err := daypass.Logins(app.options(profile.Profile{}, app.terminal()), app.configured())
	if err != nil {
		app.terminal().warn(err)
	}
	var reported []error
	var complete []daypass.Login
	var endSessions []func() // at the identity providers, last
	any := false
	for _, l := range logins {
		o := app.options(l.Profile, app.terminal().of(l.Profile))
		o.Background = nil
		client, err := l.Open(o)
		if err != nil {
			return err // all logins share the private directory that cannot be used
		}
		done, failed := app.signOut(ctx, client, also)
		if failed == nil && done.Complete() {
			complete = append(complete, l)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		reported = append(reported, app.printFailures(failed)...)
		any = any || done.WasSignedIn
		if also.endSession && done.WasSignedIn && !l.Profile.IdentityPool.Guest {
			endSessions = append(endSessions, func() {
				reported = append(reported, app.printFailures([]error{app.endSession(ctx, client, done)})...)
			})
		}
	}
	if err := daypass.ForgetLogins(ctx, app.options(profile.Profile{}, app.terminal()), complete...); err != nil {
		app.terminal().warn(err)
	}
	for _, end := range endSessions {
		end()
	}
	if !any && len(reported) == 0 {
		app.terminal().say("Not signed in.")
	}
	return firstError(reported)
}

// signOut signs out of one login and prints what was done.
func (app *App) signOut(ctx context.Context, client *daypass.Client, also atIdP) (daypass.SignOutResult, []error) {
	ctx, cancel := app.within(ctx, callerTimeout)
	defer cancel()
	done, err := client.SignOut(ctx)
	if err != nil {
		return done, []error{err}
	}
	return done, app.terminal().of(client.Profile()).signedOut(done, also.revoke)
}

// endSession opens the identity provider's sign-out page.
func (app *App) endSession(ctx context.Context, client *daypass.Client, done daypass.SignOutResult) error {
	ctx, cancel := app.within(ctx, callerTimeout)
	defer cancel()
	p := client.Profile()
	if err := app.checkSignIn(p); err != nil {
		return &daypass.Error{Profile: p, Err: fmt.Errorf("ending the session at the identity provider: %w", err)}
	}
	if err := client.EndSession(ctx, done.IDToken); err != nil {
		return err
	}
	t := app.terminal().of(p)
	t.say("Opened the sign-out page of %s in your browser.", sanitize.Text(t.host()))
	return nil
}

// signedOut prints what a sign-out did and returns what failed. A keyring that did not delete is a failure; a missing
// keyring is not.
func (t *terminal) signedOut(done daypass.SignOutResult, revoke bool) []error {
	failed := func(err error) []error { return []error{&daypass.Error{Profile: t.profile, Err: err}} }
	absent := errors.Is(done.KeyringErr, keyring.ErrUnavailable)
	if done.KeyringErr != nil && !absent {
		return failed(fmt.Errorf("deleting the sign-in from the keyring: %w", done.KeyringErr))
	}
	if done.WasSignedIn {
		t.done("%s", signedOutOf(done))
	}
	if absent && !done.InMemory && (done.WasSignedIn || t.verbose) {
		t.warn(fmt.Errorf("a keyring may still store the sign-in: %w", done.KeyringErr))
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

// signedOutOf returns who is signed out, and where.
func signedOutOf(done daypass.SignOutResult) string {
	who := cmp.Or(done.Claims.Email, done.Claims.Subject)
	u, err := url.Parse(done.Claims.Issuer)
	if who == "" || err != nil || u.Host == "" {
		return "Signed out"
	}
	return sanitize.Text("Signed out " + who + " at " + u.Host)
}

// report returns a single failure for Main to print, and prints several.
func (app *App) report(errs []error) error {
	var failed []error
	for _, err := range errs {
		if err != nil {
			failed = append(failed, err)
		}
	}
	if len(failed) == 1 {
		return failed[0]
	}
	return firstError(app.printFailures(failed))
}

// printFailures prints errors and returns their exit codes as *reportedError.
func (app *App) printFailures(errs []error) []error {
	var all []error
	for _, err := range errs {
		if err != nil {
			all = append(all, &reportedError{exitCode: app.terminal().failRemedy(err)})
		}
	}
	return all
}

// firstError returns the first of some errors; nil if there is none.
func firstError(errs []error) error {
	if len(errs) == 0 {
		return nil
	}
	return errs[0]
}
