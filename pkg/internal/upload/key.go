package upload

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// maxKeyBytes is S3's limit of an object key, in bytes of UTF-8.
const maxKeyBytes = 1024

// File is one file and the object it becomes.
type File struct {
	Path string
	// Key is the whole object key, prefix included.
	Key string
}

// String names the file so that a terminal shows it as it is: quoted where it has to be.
func (f File) String() string { return quoted(f.Path) }

// PlanError has every fault of the paths that were given. None of them was uploaded.
type PlanError struct{ Faults []error }

// Error tells all of them.
func (e *PlanError) Error() string { return errors.Join(e.Faults...).Error() }

// Unwrap returns the faults.
func (e *PlanError) Unwrap() []error { return e.Faults }

// Plan maps each path to an object of its base name under prefix, and looks at no more than the file
// system. It refuses what is no regular file, what Key refuses, and two files that would become one
// object; what is wrong with the paths is a *PlanError.
func Plan(prefix string, paths []string) ([]File, error) {
	if err := checkPrefix(prefix); err != nil {
		return nil, err
	}
	files := make([]File, 0, len(paths))
	taken := make(map[string]string, len(paths))
	var faults []error
	for _, path := range paths {
		file, err := plan(prefix, path)
		if other, twice := taken[file.Key]; err == nil && twice {
			err = sameObject(other, path)
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		taken[file.Key] = path
		files = append(files, file)
	}
	if len(faults) > 0 {
		return nil, &PlanError{faults}
	}
	return files, nil
}

func plan(prefix, path string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, fmt.Errorf("looking at %q: %w", path, withoutPath(err))
	}
	if info.IsDir() {
		return File{}, fmt.Errorf("%q is a directory: name its files", path)
	}
	if err := checkRegular(info); err != nil {
		return File{}, fmt.Errorf("looking at %q: %w", path, err)
	}
	key, err := Key(prefix, filepath.Base(path))
	if err != nil {
		return File{}, fmt.Errorf("naming the object of %q: %w", path, err)
	}
	return File{Path: path, Key: key}, nil
}

func sameObject(one, other string) error {
	if filepath.Clean(one) == filepath.Clean(other) {
		return fmt.Errorf("%s is named twice", quoted(one))
	}
	return fmt.Errorf("%s and %s would both become %s; upload them one after the other",
		quoted(one), quoted(other), quoted("…/"+filepath.Base(other)))
}

// Key returns the object key of name, a path relative to prefix with "/" between its segments. The
// result always begins with prefix, and no reading of it as a path leads out: a name that is absolute,
// has an empty, "." or ".." segment, a backslash or a control character, or is not UTF-8, is refused.
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

// isDrivePath reports an absolute Windows path such as C:/x; "c:x" is also a fine name elsewhere.
func isDrivePath(name string) bool {
	return len(name) > 2 && name[1:3] == ":/" && unicode.IsLetter(rune(name[0]))
}
