//go:build !unix

package keyring

import "io/fs"

// faultOf knows no owners here: the access list that the directory inherits must do.
func faultOf(info fs.FileInfo) string {
	if !info.IsDir() {
		return "is no directory"
	}
	return ""
}

// sync has nothing to do: NTFS keeps a journal of its directories.
func (d sealDir) sync() error { return nil }
