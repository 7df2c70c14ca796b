package remedy

import (
	"strconv"
	"strings"

	"github.com/daypass/daypass/pkg/exchange"
)

// exchangeValues fills advice from what the token says and what was asked for.
func exchangeValues(e *exchange.Error) *strings.Replacer {
	return replacer(Asked{
		Issuer: e.Claims.Issuer, ClientID: audience(e.Claims), RoleARN: e.RoleARN,
		IdentityPoolID: e.IdentityPoolID, Region: e.Region,
	}, "{sub}", e.Claims.Subject, "{session}", strconv.Quote(e.SessionName), "{duration}", span(e.Duration))
}

func askedValues(asked Asked) *strings.Replacer { return replacer(asked) }

func replacer(asked Asked, more ...string) *strings.Replacer {
	host := strings.TrimPrefix(strings.TrimPrefix(asked.Issuer, "https://"), "http://")
	return strings.NewReplacer(append(more,
		"{issuer}", strings.TrimSuffix(asked.Issuer, "/"), "{host}", host,
		"{aud}", asked.ClientID, "{role}", asked.RoleARN, "{pool}", asked.IdentityPoolID, "{region}", asked.Region)...)
}
