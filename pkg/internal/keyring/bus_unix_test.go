//go:build unix && !darwin

package keyring

import (
	"errors"
	"testing"

	"github.com/godbus/dbus/v5"
)

// D-Bus errors are classified by name, and their text is shown if they have one.
func TestBusErrors(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]error{
		"org.freedesktop.DBus.Error.AccessDenied":   ErrDenied,
		"org.freedesktop.DBus.Error.LimitsExceeded": ErrTooBig,
		"org.freedesktop.Secret.Error.IsLocked":     ErrLocked,
		"org.freedesktop.DBus.Error.NoReply":        ErrUnavailable,
	} {
		says := dbus.Error{Name: name, Body: []any{"words"}}
		if err := classified(says); !errors.Is(err, want) || err.Error() != want.Error()+": words" {
			t.Errorf("%s: %v, want %v and the cause", name, err, want)
		}
	}
}
