package agent

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// ownDir returns a directory in a folder whose access list admits only the user.
func ownDir() (string, error) {
	local, err := windows.KnownFolderPath(windows.FOLDERID_LocalAppData, windows.KF_FLAG_DEFAULT)
	if err != nil {
		return "", err
	}
	return filepath.Join(local, "daypass", "run"), nil
}
