// Package userfile writes, reads and checks files that belong to one user alone.
//
// Write and Create flush the file to the disk, and its directory as well. All files of daypass are small and rarely
// written, so every caller can afford that.
package userfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write replaces the file at path (mode 0600) in one step: a reader finds the old content or the new, never
// a part of either. The returned FileInfo identifies the new file (os.SameFile). If Write fails, the old
// file stays and no temporary file is left.
func Write(path string, content []byte) (fs.FileInfo, error) {
	temporary := path + "." + rand.Text()
	info, err := create(temporary, content)
	if err != nil {
		return nil, err
	}
	if err := os.Rename(temporary, path); err != nil {
		_ = os.Remove(temporary) // the rename's error is the one to report
		return nil, err
	}
	syncDir(filepath.Dir(path))
	return info, nil
}

// Create writes a new file (mode 0600) and fails if path exists. Readers can see a part of the content
// before Create returns. If it fails, no file is left.
func Create(path string, content []byte) (fs.FileInfo, error) {
	info, err := create(path, content)
	if err == nil {
		syncDir(filepath.Dir(path))
	}
	return info, err
}

func create(path string, content []byte) (fs.FileInfo, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = file.Write(content)
	info, statErr := file.Stat()
	if err = errors.Join(err, statErr, file.Sync(), file.Close()); err != nil {
		_ = os.Remove(path)
		return nil, err
	}
	return info, nil
}

// ErrInvalid says that a file cannot have been written by daypass as this user, so its content does not count.
var ErrInvalid = errors.New("not a file of daypass")

// Read returns the content of a regular file of at most limit bytes that belongs to the user and that only the user
// can write; any other file is an error that wraps ErrInvalid. It does not follow a symbolic link at path and does not
// wait for the writer of a pipe.
func Read(path string, limit int64) ([]byte, error) {
	file, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(content)) > limit {
		return nil, invalid(path, fmt.Sprintf("longer than %d bytes", limit))
	}
	return content, err
}

// openRegular tries again if the file is replaced between the check and the open, as by Write.
func openRegular(path string) (*os.File, error) {
	for range 3 {
		info, err := os.Lstat(path)
		if err != nil {
			return nil, err
		}
		if !info.Mode().IsRegular() {
			return nil, invalid(path, "not a regular file")
		}
		if !isOurs(info) {
			return nil, invalid(path, "belongs to another user; remove it")
		}
		if hasModes && info.Mode().Perm()&writableByOthers != 0 {
			return nil, invalid(path, fmt.Sprintf("can be changed by other users (mode %04o); remove it", info.Mode().Perm()))
		}
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		if opened, err := file.Stat(); err == nil && os.SameFile(info, opened) {
			return file, nil
		}
		file.Close()
	}
	return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("replaced while it was being opened")}
}

// invalid returns an error that wraps ErrInvalid and has this reason as its text.
func invalid(path, reason string) error {
	return &fs.PathError{Op: "read", Path: path, Err: invalidError(reason)}
}

type invalidError string

// Error returns the reason.
func (e invalidError) Error() string { return string(e) }

// Is makes it an ErrInvalid.
func (e invalidError) Is(target error) bool { return target == ErrInvalid }

// UnsafeError says why other users may be able to access a directory.
type UnsafeError struct {
	Dir    string
	Reason string
	// TooOpen says that only the directory's mode is wrong.
	TooOpen bool
}

// Error names the directory and the reason.
func (e *UnsafeError) Error() string { return fmt.Sprintf("%q %s", e.Dir, e.Reason) }

// The permissions that other users must not have.
const (
	accessibleByOthers fs.FileMode = 0o077
	writableByOthers   fs.FileMode = 0o022
)

// MakeDir creates the directory and its parents (mode 0700) if they do not exist, then calls CheckDir.
func MakeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return CheckDir(dir)
}

// CheckDir returns an *UnsafeError unless dir is a directory that belongs to the user, is not a symbolic link, and is
// not accessible by the group and others. Windows has neither owners nor modes of this kind; there the inherited
// access list protects the directory.
func CheckDir(dir string) error { return checkDir(dir, accessibleByOthers) }

// MakeStateDir is MakeDir for a directory whose entries others may see: it calls CheckStateDir.
func MakeStateDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return CheckStateDir(dir)
}

// CheckStateDir is CheckDir for the state directory. Others may read its names, as in a volume that somebody mounted,
// but not write to it. The error says what to do.
func CheckStateDir(dir string) error {
	err := checkDir(dir, writableByOthers)
	unsafe, ok := errors.AsType[*UnsafeError](err)
	switch {
	case !ok:
		return err
	case unsafe.TooOpen:
		return fmt.Errorf("the state directory %w; run chmod 700 on it", err)
	}
	return fmt.Errorf("the state directory %w; remove it, or set DAYPASS_STATE_DIR to a directory of your own", err)
}

func checkDir(dir string, forbidden fs.FileMode) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	unsafe := &UnsafeError{Dir: dir}
	switch mode := info.Mode(); {
	case mode&fs.ModeSymlink != 0:
		unsafe.Reason = "is a symbolic link"
	case !mode.IsDir():
		unsafe.Reason = "is not a directory"
	case !isOurs(info):
		unsafe.Reason = "belongs to another user"
	case hasModes && mode.Perm()&forbidden != 0:
		unsafe.Reason = fmt.Sprintf("is open to others (mode %04o, want 0700)", mode.Perm())
		unsafe.TooOpen = true
	default:
		return nil
	}
	return unsafe
}

func isOurs(info fs.FileInfo) bool {
	uid, _ := Owner(info)
	return uid == os.Geteuid()
}

// WithoutPath returns the cause of an error about a file, for a caller that reports the path itself.
func WithoutPath(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
