package cli

import (
	"errors"

	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/keyring"
)

// keyringWarning describes what it means that the keyring did not store a sign-in. It includes the cause only with
// --verbose: on a server there is no keyring, and nothing is wrong.
func (t *terminal) keyringWarning(e *broker.NotInKeyringError, agent bool) string {
	why := "no keyring here"
	switch {
	case errors.Is(e.Err, keyring.ErrSlow):
		why = "the keyring is not responding (it may be showing a prompt)"
	case errors.Is(e.Err, keyring.ErrLocked):
		why = "the keyring is locked"
	case errors.Is(e.Err, keyring.ErrDenied):
		why = "the keyring denied access"
	case errors.Is(e.Err, keyring.ErrTooBig): // daypass has tried to seal it
		why = "this sign-in is too long for the keyring, and its file cannot be written"
	}
	text := why + ", and agent = false: the sign-in is not stored, and each command signs in again"
	if agent {
		text = why + ": you stay signed in until you log out or restart this machine"
	}
	if t.verbose {
		text += " (" + e.Err.Error() + ")"
	}
	return text
}
