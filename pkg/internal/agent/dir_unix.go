//go:build unix

package agent

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"github.com/daypass/daypass/pkg/internal/userfile"
)

func ownDir() (string, error) {
	uid := strconv.Itoa(os.Geteuid())
	session := filepath.Join("/run/user", uid)
	if userfile.CheckDir(session) == nil {
		return filepath.Join(session, "daypass"), nil
	}
	account, err := user.LookupId(uid)
	if err != nil {
		return "", err
	}
	if !filepath.IsAbs(account.HomeDir) {
		return "", errors.New("the password database has no home directory for this user")
	}
	return filepath.Join(account.HomeDir, ".local", "state", "daypass", "run"), nil
}
