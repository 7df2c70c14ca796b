package remedy

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/daypass/daypass/pkg/internal/exchange"
)

// exchangeValues fills advice from what the token says and what was asked for.
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

// hostOnly is an issuer without its scheme, as IAM's condition keys have it.
func hostOnly(issuer string) string {
	return strings.TrimPrefix(strings.TrimPrefix(issuer, "https://"), "http://")
}

// Flags is what follows a command in a shell, with a space before each word.
func Flags(words []string) string {
	var b strings.Builder
	for _, flag := range words {
		b.WriteString(" " + shellWord(flag))
	}
	return b.String()
}

// shellWord quotes what a POSIX shell would not take as one word as it is.
func shellWord(word string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("/._-:@+=,", r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
