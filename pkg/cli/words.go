package cli

import (
	"errors"
	"strings"
)

// errOpenQuote says that a quotation mark has no partner.
var errOpenQuote = errors.New("a quotation mark is not closed")

// splitWords splits a command line into words as a POSIX shell does, without a shell: quotes, backslashes
// and a leading ~/ mean what they mean there; variables, patterns and operators are ordinary characters.
// With literalBackslash a backslash is one too, as in the paths of Windows. home replaces the ~.
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
		case r == quote: // neither is 0 inside a text from the environment or the command line
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

// escapes reports whether a backslash takes next's meaning away (POSIX Shell Command Language §2.2).
func escapes(quote, next rune) bool {
	switch quote {
	case '\'':
		return false
	case '"':
		return strings.ContainsRune("\"\\$`", next)
	}
	return true
}
