// Package plain answers: what of a text that somebody else wrote may be shown, and what may stand in a
// name?
//
// An IdP, AWS or a file's name can hold characters that steer a terminal, break a line, or turn the
// direction of writing so that a text reads as another one. Is refuses, for names that must not be
// altered; Text and Short alter, for what is only read by people.
package sanitize

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Is reports whether s is UTF-8 without control characters: C0, DEL, C1, and the Unicode line and
// paragraph separators. Format characters pass: the names of people and files have them.
func Is(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, isControl) }

// Text returns s with a space for each line feed and tab, without other control and without format
// characters (those that turn the direction of writing among them), and with U+FFFD for what is not
// UTF-8.
func Text(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case isControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
}

// Short is Text cut to limit characters, with "…" behind them.
func Short(s string, limit int) string {
	clean := []rune(Text(s))
	if len(clean) > limit {
		return string(clean[:limit]) + "…"
	}
	return string(clean)
}

func isControl(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }
