package profile

import "strings"

// only reports whether s has only ASCII digits, lower-case letters and the given characters.
func only(s, more string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && !digit(r) && !strings.ContainsRune(more, r)
	})
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

func digits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !digit(r) })
}
