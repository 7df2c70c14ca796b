package policy

import (
	"strings"
	"unicode/utf8"
)

// pattern is a text of a policy after its variables are replaced: runes, and the two wildcards.
type pattern []rune

const (
	anyRun rune = -1 // "*": any run of characters, the empty one too
	anyOne rune = -2 // "?": exactly one character
)

// runes is the text as comparable units. A byte that is no UTF-8 becomes a rune of its own beyond
// Unicode, so that two different broken texts are never equal.
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

// show writes the pattern as a policy of today would; wildcards tells whether a bare "*" is one.
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

// match reports whether the whole text fits. Only the last "*" is ever tried again, so the time is at
// most the product of the two lengths, never exponential.
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

// wild reads "*" and "?" in a text without variables as wildcards.
func wild(text string) pattern { return appendWild(nil, text) }

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
