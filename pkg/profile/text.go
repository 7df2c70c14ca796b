package profile

import "strings"

// only reports whether every byte of s is one of those, or an ASCII digit or lower-case letter.
func only(s, further string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && !digit(r) && !strings.ContainsRune(further, r)
	})
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

func digits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !digit(r) })
}
