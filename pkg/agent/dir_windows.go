package agent

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// ownDir is below a folder whose access list admits the user alone.
func ownDir() (string, error) {
	local, err := windows.KnownFolderPath(windows.FOLDERID_LocalAppData, windows.KF_FLAG_DEFAULT)
	if err != nil {
		return "", err
	}
	return filepath.Join(local, "daypass", "run"), nil
}

// faultOf knows no owners here: the folder's inherited access list must do.
func faultOf(info os.FileInfo) string {
	if !info.IsDir() {
		return "is no directory"
	}
	return ""
}
