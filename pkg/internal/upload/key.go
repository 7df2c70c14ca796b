package upload

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/daypass/daypass/pkg/internal/sanitize"
	"github.com/daypass/daypass/pkg/internal/userfile"
)

// maxKeyBytes is S3's limit for an object key.
const maxKeyBytes = 1024

// File is a file and the key of its object.
type File struct {
	Path string
	// Key is the whole object key, with the prefix.
	Key string
}

// String returns the path, quoted if a terminal would not show it correctly.
func (f File) String() string { return sanitize.Quoted(f.Path) }

// PlanError has an error for each path that cannot be uploaded.
type PlanError struct{ Errs []error }

// Error returns all of them, one per line.
func (e *PlanError) Error() string { return errors.Join(e.Errs...).Error() }

// Unwrap returns the errors.
func (e *PlanError) Unwrap() []error { return e.Errs }

// Plan maps each path to an object with the file's base name, under prefix. It sends no request. The error is a *PlanError
// if a path is not a regular file, if Key refuses its name, or if two paths map to the same object.
func Plan(prefix string, paths []string) ([]File, error) {
	if err := checkPrefix(prefix); err != nil {
		return nil, err
	}
	files := make([]File, 0, len(paths))
	taken := make(map[string]string, len(paths))
	var errs []error
	for _, path := range paths {
		file, err := plan(prefix, path)
		if other, twice := taken[file.Key]; err == nil && twice {
			err = sameObject(other, path)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		taken[file.Key] = path
		files = append(files, file)
	}
	if len(errs) > 0 {
		return nil, &PlanError{errs}
	}
	return files, nil
}

func plan(prefix, path string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, fmt.Errorf("reading %q: %w", path, userfile.WithoutPath(err))
	}
	if info.IsDir() {
		return File{}, fmt.Errorf("%q is a directory: name its files", path)
	}
	if err := checkRegular(info); err != nil {
		return File{}, fmt.Errorf("reading %q: %w", path, err)
	}
	key, err := Key(prefix, filepath.Base(path))
	if err != nil {
		return File{}, fmt.Errorf("naming the object of %q: %w", path, err)
	}
	return File{Path: path, Key: key}, nil
}

func sameObject(one, other string) error {
	if filepath.Clean(one) == filepath.Clean(other) {
		return fmt.Errorf("%s is named twice", sanitize.Quoted(one))
	}
	return fmt.Errorf("%s and %s would both become %s; upload them one after the other",
		sanitize.Quoted(one), sanitize.Quoted(other), sanitize.Quoted("…/"+filepath.Base(other)))
}

// Key returns the object key of name, a path relative to prefix with "/" between its segments. The key begins with prefix,
// and no program that reads it as a path can leave the prefix: Key refuses a name that is absolute, has an empty, "." or
// ".." segment, a backslash or a control character, or is not UTF-8.
func Key(prefix, name string) (string, error) {
	if err := checkPrefix(prefix); err != nil {
		return "", err
	}
	if err := checkName(name); err != nil {
		return "", fmt.Errorf("the name %q %w", name, err)
	}
	key := prefix + name
	if len(key) > maxKeyBytes {
		return "", fmt.Errorf("the key is %d bytes long, the limit is %d", len(key), maxKeyBytes)
	}
	return key, nil
}

func checkPrefix(prefix string) error {
	if err := sanitize.CheckPrefix(prefix); err != nil {
		return fmt.Errorf("the prefix %q %w", prefix, err)
	}
	return nil
}

func checkName(name string) error {
	switch {
	case strings.HasPrefix(name, "/") || isDrivePath(name):
		return errors.New("is absolute")
	case strings.Contains(name, `\`):
		return errors.New("has a backslash, which Windows reads as a separator")
	}
	return sanitize.CheckPath(name)
}

// isDrivePath reports whether name is an absolute Windows path, such as C:/x. The name "c:x" is allowed.
func isDrivePath(name string) bool {
	return len(name) > 2 && name[1:3] == ":/" && unicode.IsLetter(rune(name[0]))
}
