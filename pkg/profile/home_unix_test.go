//go:build unix

package profile

import (
	"os"
	"strings"
	"testing"
)

func TestCheckHome(t *testing.T) {
	t.Parallel()
	own, foreign := t.TempDir(), t.TempDir()
	for _, home := range []string{"", own, own + "/missing"} {
		if err := CheckHome(home); err != nil {
			t.Errorf("CheckHome(%q) = %v", home, err)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can have another user's HOME by mistake")
	}
	if err := os.Chown(foreign, 12345, -1); err != nil {
		t.Skip(err) // in a container without that user
	}
	if err := CheckHome(foreign); err == nil || !strings.Contains(err.Error(), "belongs to another user") {
		t.Errorf("CheckHome of another user's home = %v", err)
	}
}
