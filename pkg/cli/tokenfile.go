package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/daypass/daypass/pkg/secret"
)

// tokenFile is a file that SDKs read a token from whenever they ask.
type tokenFile struct {
	path string
	info fs.FileInfo
}

// writeTokenFile puts the file in place whole: an SDK that reads at this moment finds the one before or this
// one. What an earlier serve left behind is replaced; what is no file is not. There is no newline: the SDKs
// refuse a token with one.
func writeTokenFile(path string, token secret.String) (_ *tokenFile, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("writing token file: %w", err)
	}
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("writing token file: %q is there and no file", path)
	}
	draft, err := os.CreateTemp(filepath.Dir(path), ".daypass-token-*") // made for this alone, mode 0600
	if err != nil {
		return nil, fmt.Errorf("writing token file: %w", err)
	}
	defer func() {
		if err != nil {
			os.Remove(draft.Name())
		}
	}()
	_, err = draft.WriteString(token.Reveal())
	if err = errors.Join(err, draft.Close()); err != nil {
		return nil, fmt.Errorf("writing token file: %w", err)
	}
	info, err := os.Lstat(draft.Name())
	if err != nil {
		return nil, fmt.Errorf("writing token file: %w", err)
	}
	if err := os.Rename(draft.Name(), path); err != nil {
		return nil, fmt.Errorf("writing token file: %w", err)
	}
	return &tokenFile{path, info}, nil
}

// remove removes the file unless it is another's by now.
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
