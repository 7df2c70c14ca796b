//go:build unix && !darwin

package keyring

import (
	"errors"
	"fmt"
	"os"

	"github.com/godbus/dbus/v5"
)

var errNoBus = errors.New("no D-Bus session")

// reachable looks for a bus in the same places as godbus, but returns an error where godbus would run dbus-launch.
// That would start a new bus without a keyring and leave it running.
func reachable(busAddress string) error {
	if busAddress != "" && busAddress != "autolaunch:" {
		return nil
	}
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(fmt.Sprintf("/run/user/%d/%s", os.Getuid(), name)); err == nil {
			return nil
		}
	}
	return errNoBus
}

// busKind classifies D-Bus errors by their names, because their texts are not specified.
func busKind(err error) error {
	busErr, _ := errors.AsType[dbus.Error](err)
	switch busErr.Name {
	case "org.freedesktop.DBus.Error.AccessDenied": // the bus's policy, or a sandbox's
		return ErrDenied
	case "org.freedesktop.DBus.Error.LimitsExceeded":
		return ErrTooBig
	case "org.freedesktop.Secret.Error.IsLocked":
		return ErrLocked
	}
	return nil
}
