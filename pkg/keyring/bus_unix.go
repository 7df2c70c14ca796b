//go:build unix && !darwin

package keyring

import (
	"errors"
	"fmt"
	"os"
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
