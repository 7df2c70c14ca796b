package remedy

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/daypass/daypass/pkg/internal/exchange"
)

// exchangeValues replaces the placeholders of advice with the token's claims and the request's parameters.
func exchangeValues(e *exchange.Error, flags []string) *strings.Replacer {
	return replacer(Asked{
		Issuer: e.Claims.Issuer, ClientID: audience(e.Claims), RoleARN: e.RoleARN,
		IdentityPoolID: e.IdentityPoolID, Region: e.Region, Flags: flags,
	}, "{sub}", e.Claims.Subject, "{session}", strconv.Quote(e.SessionName), "{duration}", Span(e.Duration))
}

func askedValues(asked Asked) *strings.Replacer { return replacer(asked) }

func replacer(asked Asked, more ...string) *strings.Replacer {
	host := hostOnly(asked.Issuer)
	return strings.NewReplacer(append(more,
		"{issuer}", strings.TrimSuffix(asked.Issuer, "/"), "{host}", host,
		"{aud}", asked.ClientID, "{client}", "client ID "+strconv.Quote(asked.ClientID), "{flags}", Flags(asked.Flags),
		"{role}", asked.RoleARN, "{pool}", asked.IdentityPoolID, "{region}", asked.Region)...)
}

// hostOnly returns the issuer without its scheme, as in IAM's condition keys.
func hostOnly(issuer string) string {
	return strings.TrimPrefix(strings.TrimPrefix(issuer, "https://"), "http://")
}

// Flags returns flags for a shell command line, with a space before each word.
func Flags(words []string) string {
	var b strings.Builder
	for _, flag := range words {
		b.WriteString(" " + shellWord(flag))
	}
	return b.String()
}

// shellWord quotes the word if a POSIX shell requires that.
func shellWord(word string) string {
	isPlain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("/._-:@+=,", r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !isPlain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
