package cli

import (
	"fmt"
	"testing"

	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/keyring"
)

func TestKeyringWarning(t *testing.T) {
	t.Parallel()
	const staying = ": you stay signed in until you log out or restart this machine"
	for cause, want := range map[error]string{
		keyring.ErrUnavailable: "no keyring here" + staying,
		keyring.ErrSlow:        "the keyring is not responding (it may be showing a prompt)" + staying,
		keyring.ErrLocked:      "the keyring is locked" + staying,
		keyring.ErrDenied:      "the keyring denied access" + staying,
		keyring.ErrTooBig:      "this sign-in is too long for the keyring, and its file cannot be written" + staying,
	} {
		err := &broker.NotInKeyringError{Err: fmt.Errorf("writing to the OS keyring: %w: words of the OS", cause)}
		if got := new(terminal).keyringWarning(err, true); got != want {
			t.Errorf("%v: %q, want %q", cause, got, want)
		}
	}
}
