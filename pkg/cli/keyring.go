package cli

import (
	"errors"
	"strings"

	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/keyring"
)

// withoutKeyring says what follows where the keyring would not take a sign-in. The cause is for --verbose:
// on a server there is no keyring, and nothing is wrong.
func (t *terminal) withoutKeyring(e *broker.NotInKeyringError, agent bool) string {
	why := "there is no keyring here"
	switch {
	case errors.Is(e.Err, keyring.ErrSlow):
		why = "the keyring does not answer (a prompt may be waiting)"
	case errors.Is(e.Err, keyring.ErrLocked):
		why = "the keyring is locked"
	case errors.Is(e.Err, keyring.ErrDenied):
		why = "the keyring refuses access"
	case errors.Is(e.Err, keyring.ErrTooBig): // daypass has tried to seal it
		why = "this sign-in is too long for the keyring, and no file can be written for it"
	}
	text := "nothing is kept: " + why + ", and agent = false. Each command signs in again."
	if agent {
		text = strings.TrimPrefix(why, "there is ") + ": you stay signed in until you log out or restart this machine"
	}
	if t.verbose {
		text += " (" + e.Err.Error() + ")"
	}
	return text
}
