package policy

import (
	"strings"
	"unicode/utf8"
)

// pattern is a string of a policy after its variables were replaced: runes, and the two wildcards.
type pattern []rune

const (
	anyRun rune = -1 // "*": any run of characters, including an empty one
	anyOne rune = -2 // "?": exactly one character
)

// runes returns the string as comparable units. A byte that is not valid UTF-8 becomes a value beyond Unicode, so two
// different invalid strings are never equal.
func runes(text string) []rune {
	out := make([]rune, 0, len(text))
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			r = utf8.MaxRune + 1 + rune(text[i])
		}
		out = append(out, r)
		i += size
	}
	return out
}

// show returns the pattern as a 2012-10-17 policy would spell it. wildcards says whether a bare "*" is a wildcard
// there.
func (p pattern) show(wildcards bool) string {
	var out strings.Builder
	for _, r := range p {
		switch {
		case r == anyRun:
			out.WriteByte('*')
		case r == anyOne:
			out.WriteByte('?')
		case wildcards && (r == '*' || r == '?'):
			out.WriteString("${" + string(r) + "}")
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// match reports whether the whole string matches. It backtracks only to the last "*", so its time is at most the
// product of the two lengths.
func (p pattern) match(text []rune) bool {
	i, j := 0, 0
	star, mark := -1, 0
	for j < len(text) {
		switch {
		case i < len(p) && p[i] == anyRun:
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == anyOne || p[i] == text[j]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == anyRun {
		i++
	}
	return i == len(p)
}

// parseWild parses "*" and "?" in a string without variables as wildcards.
func parseWild(text string) pattern { return appendWild(nil, text) }

func appendWild(p pattern, text string) pattern {
	for _, r := range runes(text) {
		switch r {
		case '*':
			r = anyRun
		case '?':
			r = anyOne
		}
		p = append(p, r)
	}
	return p
}
