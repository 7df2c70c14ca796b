package cli

import (
	"errors"
	"strings"
)

var errOpenQuote = errors.New("unterminated quote")

// splitWords splits a command line into words as a POSIX shell does, without a shell. Quotes, backslashes and a leading ~/
// work as in a shell; variables, patterns and operators are ordinary characters. With literalBackslash a backslash is an
// ordinary character too, as in the paths of Windows. Home replaces the ~.
func splitWords(text, home string, literalBackslash bool) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord, quote := false, rune(0)
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		next := rune(0)
		if i+1 < len(runes) {
			next = runes[i+1]
		}
		switch {
		case r == quote: // r is never 0: neither the environment nor the command line can contain it
			quote = 0
		case r == '\\' && !literalBackslash && next != 0 && escapes(quote, next):
			inWord, i = true, i+1
			word.WriteRune(next)
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			inWord, quote = true, r
		case strings.ContainsRune(" \t\r\n", r):
			if inWord {
				words = append(words, word.String())
			}
			inWord = false
			word.Reset()
		case r == '~' && !inWord && home != "" && (next == 0 || strings.ContainsRune("/ \t\r\n", next)):
			inWord = true
			word.WriteString(home)
		default:
			inWord = true
			word.WriteRune(r)
		}
	}
	if quote != 0 {
		return nil, errOpenQuote
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// escapes reports whether a backslash escapes next (POSIX Shell Command Language §2.2).
func escapes(quote, next rune) bool {
	switch quote {
	case '\'':
		return false
	case '"':
		return strings.ContainsRune("\"\\$`", next)
	}
	return true
}
