package exchange

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/daypass/daypass/pkg/secret"
)

// maxMessage is how many characters of a message of AWS's are kept.
const maxMessage = 500

// tokenLike finds JWTs, whole or cut, and other long runs without a space, such as access tokens. It is
// compiled when an error needs it, for every start of the program would pay for it.
const tokenLike = `eyJ[\w.=-]{16,}|[\w+/=-]{100,}`

// cleanMessage makes what a server wrote fit to be shown: without the token that it was sent, without
// control characters, and not too long.
func cleanMessage(message string, token secret.String) string {
	if !token.IsZero() {
		message = strings.ReplaceAll(message, token.Reveal(), "[token]")
	}
	message = strings.Map(printable, strings.ToValidUTF8(message, "\uFFFD"))
	message = regexp.MustCompile(tokenLike).ReplaceAllString(message, "[token]")
	if runes := []rune(message); len(runes) > maxMessage {
		message = string(runes[:maxMessage]) + "…"
	}
	return strings.TrimSpace(message)
}

// printable puts a space for line breaks and drops what a terminal would act on.
func printable(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return ' '
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
		return -1
	}
	return r
}
