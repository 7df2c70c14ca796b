package cli

import (
	"fmt"
	"testing"

	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/keyring"
)

func TestWithoutKeyring(t *testing.T) {
	t.Parallel()
	const staying = ": you stay signed in until you log out or restart this machine"
	for cause, want := range map[error]string{
		keyring.ErrUnavailable: "no keyring here" + staying,
		keyring.ErrSlow:        "the keyring does not answer (a prompt may be waiting)" + staying,
		keyring.ErrLocked:      "the keyring is locked" + staying,
		keyring.ErrDenied:      "the keyring refuses access" + staying,
		keyring.ErrTooBig:      "this sign-in is too long for the keyring, and no file can be written for it" + staying,
	} {
		told := &broker.NotInKeyringError{Err: fmt.Errorf("writing to the OS keyring: %w: words of the OS", cause)}
		if got := new(terminal).withoutKeyring(told, true); got != want {
			t.Errorf("where %v: %q, want %q", cause, got, want)
		}
	}
}
