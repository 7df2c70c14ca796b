package cli

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/daypass/daypass/pkg/broker"
	"github.com/daypass/daypass/pkg/keyring"
	"github.com/daypass/daypass/pkg/login"
	"github.com/daypass/daypass/pkg/plain"
)

func newLogoutCommand(app *App) *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "Forget the sign-in, here and at the identity provider",
		Long: "Forgets the sign-in of this profile and every credential that came of it, and revokes it at\n" +
			"the identity provider where that is offered. Credentials that other programs hold already go\n" +
			"on until they expire: AWS has no way to call them back.",
		Example: "  daypass logout",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, _, b, err := app.open()
			if err != nil {
				return err
			}
			ctx, cancel := app.within(cmd.Context(), callerPatience)
			defer cancel()
			gone, err := b.SignOut(ctx)
			if err != nil {
				return err
			}
			return app.terminal().signedOut(gone)
		},
	}
}

// signedOut tells what was forgotten. A keyring that holds a sign-in and would not forget it is a
// failure; one that is not there is none.
func (t *terminal) signedOut(gone broker.Forgotten) error {
	absent := errors.Is(gone.KeyringErr, keyring.ErrUnavailable)
	if gone.KeyringErr != nil && !absent {
		return fmt.Errorf("forgetting the sign-in: %w", gone.KeyringErr)
	}
	if gone.Held {
		t.done("%s", strings.TrimSpace("Signed out "+plain.Text(cmp.Or(gone.Claims.Email, gone.Claims.Subject))))
	} else {
		t.say("Nobody was signed in.")
	}
	if absent && !gone.InMemory && (gone.Held || t.verbose) {
		t.warn(fmt.Errorf("what a keyring may hold is not forgotten: %w", gone.KeyringErr))
	}
	if gone.RevokeErr != nil && !errors.Is(gone.RevokeErr, login.ErrNoRevocation) {
		t.warn(gone.RevokeErr)
	}
	return nil
}
