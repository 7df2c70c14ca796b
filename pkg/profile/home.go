package profile

import "fmt"

// CheckHome keeps root out of another's HOME (sudo without -H): what root would leave there, the owner
// could no longer read. An empty one is nobody's.
func CheckHome(home string) error {
	if home == "" || ownedByUs(home) {
		return nil
	}
	return fmt.Errorf("running as root in %q, the home of another: run daypass as that user, or as root with HOME set to root's own", home)
}
