package profile

import (
	"fmt"
	"os"

	"github.com/daypass/daypass/pkg/internal/userfile"
)

// CheckHome keeps root out of another's HOME (sudo without -H): what root would leave there, the owner
// could no longer read. An empty one is nobody's.
func CheckHome(home string) error {
	info, err := os.Stat(home)
	if err != nil || os.Geteuid() != 0 {
		return nil
	}
	if uid, _ := userfile.Owner(info); uid <= 0 {
		return nil
	}
	return fmt.Errorf("running as root in %q, the home of another: run daypass as that user, or as root with HOME set to root's own", home)
}
