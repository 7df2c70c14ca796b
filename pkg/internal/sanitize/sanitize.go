// Package sanitize makes strings from other parties safe to show and to use in names.
//
// A string from an IdP, from AWS or from a file name can contain characters that control a terminal, break a line, or
// change the direction of writing so that the string looks like another one. IsClean checks names, which must not be
// altered. Text and Short alter strings that are only shown to people. Quoted and JSON escape, so nothing is lost.
package sanitize

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// IsClean reports whether s is UTF-8 without control characters: C0, DEL, C1, and the Unicode line and paragraph
// separators. Format characters are allowed, because names of people and files contain them.
func IsClean(s string) bool { return utf8.ValidString(s) && !strings.ContainsFunc(s, isControl) }

// Text returns s with line feeds and tabs replaced by spaces and invalid UTF-8 by U+FFFD. It removes all other control
// characters and all format characters, which include those that change the direction of writing.
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

// Short returns Text(s), cut to limit characters and "…" if it is longer.
func Short(s string, limit int) string {
	clean := []rune(Text(s))
	if len(clean) > limit {
		return string(clean[:limit]) + "…"
	}
	return string(clean)
}

// Quoted returns a name as a Go string literal if a terminal would not show it as it is, and any other name unchanged.
func Quoted(name string) string {
	if literal := strconv.Quote(name); literal != `"`+name+`"` {
		return literal
	}
	return name
}

// JSON returns a document of encoding/json with DEL, C1 and format characters written as \u: encoding/json leaves them as
// they are, and a terminal acts on them. They occur only in strings, so the document keeps its meaning.
func JSON(document []byte) []byte {
	var out bytes.Buffer
	for _, r := range string(document) {
		if r == '\n' || !isControl(r) && !unicode.Is(unicode.Cf, r) {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.Bytes()
}

func isControl(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }
