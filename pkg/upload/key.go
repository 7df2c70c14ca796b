package upload

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/daypass/daypass/pkg/plain"
)

// maxKeyBytes is S3's limit of an object key, in bytes of UTF-8.
const maxKeyBytes = 1024

// File is one file and the object it becomes.
type File struct {
	Path string
	// Key is the whole object key, prefix included.
	Key string
}

// Plan maps each path to an object of its base name under prefix, and looks at no more than the file
// system. It refuses what is no regular file, what Key refuses, and two files that would become one
// object.
func Plan(prefix string, paths []string) ([]File, error) {
	files := make([]File, 0, len(paths))
	taken := make(map[string]string, len(paths))
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("looking at %q: %w", path, withoutPath(err))
		}
		if err := checkRegular(info); err != nil {
			return nil, fmt.Errorf("looking at %q: %w", path, err)
		}
		key, err := Key(prefix, filepath.Base(path))
		if err != nil {
			return nil, fmt.Errorf("naming the object of %q: %w", path, err)
		}
		if other, twice := taken[key]; twice {
			return nil, fmt.Errorf("naming the object of %q: %q would become the same object, %q", path, other, key)
		}
		taken[key] = path
		files = append(files, File{Path: path, Key: key})
	}
	return files, nil
}

// Key returns the object key of name, a path relative to prefix with "/" between its segments. The
// result always begins with prefix, and no reading of it as a path leads out: a name that is absolute,
// has an empty, "." or ".." segment, a backslash or a control character, or is not UTF-8, is refused.
func Key(prefix, name string) (string, error) {
	path, ends := strings.CutSuffix(prefix, "/")
	if !ends {
		return "", fmt.Errorf("the prefix %q does not end in /", prefix)
	}
	if err := checkSegments(path); err != nil {
		return "", fmt.Errorf("the prefix %q %w", prefix, err)
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

func checkName(name string) error {
	switch {
	case strings.HasPrefix(name, "/") || isDrivePath(name):
		return errors.New("is absolute")
	case strings.Contains(name, `\`):
		return errors.New("has a backslash, which Windows reads as a separator")
	}
	return checkSegments(name)
}

// isDrivePath reports an absolute Windows path such as C:/x; "c:x" is also a fine name elsewhere.
func isDrivePath(name string) bool {
	return len(name) > 2 && name[1:3] == ":/" && unicode.IsLetter(rune(name[0]))
}

func checkSegments(path string) error {
	if !utf8.ValidString(path) {
		return errors.New("is not UTF-8")
	}
	if !plain.Is(path) {
		return errors.New("has a control character")
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return fmt.Errorf("has the segment %q", segment)
		}
	}
	return nil
}
