package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/daypass/daypass/pkg/internal/userfile"
	"github.com/daypass/daypass/pkg/secret"
)

// tokenFile is the file from which SDKs read the token for each request.
type tokenFile struct {
	path string
	info fs.FileInfo
}

// writeTokenFile writes the token to a file. It replaces a regular file, which an earlier serve may have left, and nothing
// else. It writes no newline: the SDKs refuse a token that contains one.
func writeTokenFile(path string, token secret.String) (*tokenFile, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("writing token file: %w", err)
	}
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("writing token file: %q is not a regular file", path)
	}
	info, err := userfile.Write(path, []byte(token.Reveal()))
	if err != nil {
		return nil, fmt.Errorf("writing token file: %w", err)
	}
	return &tokenFile{path, info}, nil
}

// remove removes the file unless another process has replaced it.
func (f *tokenFile) remove() error {
	info, err := os.Lstat(f.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(info, f.info) {
		return nil
	}
	if err == nil {
		err = os.Remove(f.path)
	}
	if err != nil {
		return fmt.Errorf("removing token file: %w", err)
	}
	return nil
}
