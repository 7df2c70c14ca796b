//go:build unix && !darwin

package keyring

import (
	"errors"
	"fmt"
	"os"

	"github.com/godbus/dbus/v5"
)

var errNoBus = errors.New("no D-Bus session")

// reachable looks where godbus would, but stops where that would run dbus-launch: a bus of its own, with
// no keyring behind it, left running.
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

// busKind goes by the names of D-Bus errors; their texts are anybody's.
func busKind(err error) error {
	said, _ := errors.AsType[dbus.Error](err)
	switch said.Name {
	case "org.freedesktop.DBus.Error.AccessDenied": // the bus's policy, or a sandbox's
		return ErrDenied
	case "org.freedesktop.DBus.Error.LimitsExceeded":
		return ErrTooBig
	case "org.freedesktop.Secret.Error.IsLocked":
		return ErrLocked
	}
	return nil
}
