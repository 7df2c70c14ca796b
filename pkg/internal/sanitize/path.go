package sanitize

import (
	"errors"
	"fmt"
	"strings"
)

// CheckPath refuses a path that programs could read in different ways: one with a control character, or with an empty,
// "." or ".." segment. Segments are separated by "/". The error completes «the path …» and does not quote it.
func CheckPath(path string) error {
	if !IsClean(path) {
		return errors.New("has a control character or is not UTF-8")
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return fmt.Errorf("has the segment %q", segment)
		}
	}
	return nil
}

// CheckPrefix is CheckPath for the prefix of object keys, which must end in "/": otherwise other users' prefixes could
// begin in the same way.
func CheckPrefix(prefix string) error {
	path, ok := strings.CutSuffix(prefix, "/")
	if !ok {
		return errors.New("does not end in /")
	}
	return CheckPath(path)
}
