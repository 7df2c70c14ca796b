package profile

import (
	"fmt"
	"os"

	"github.com/daypass/daypass/pkg/internal/userfile"
)

// CheckHome returns an error if root runs with another user's HOME (sudo without -H): the user could not read the files
// that root would write there.
func CheckHome(home string) error {
	info, err := os.Stat(home)
	if err != nil || os.Geteuid() != 0 {
		return nil
	}
	if uid, _ := userfile.Owner(info); uid <= 0 {
		return nil
	}
	return fmt.Errorf("running as root with HOME set to %q, which belongs to another user: run daypass as that user, or set HOME to root's home", home)
}
