package remedy

import (
	"slices"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/exchange"
)

func forExchange(e *exchange.Error, asked Asked, now time.Time) Remedy {
	found := adviceForExchange(e)
	values := exchangeValues(e, asked.Flags)
	said := evidence(e, asked, now)
	if clocks, ok := clocksOf(e); ok && slices.Contains(perhapsOfClocks, found) {
		found = clocks
		said = append(said, block("clocks", clocksSay(e, now))...)
	}
	return Remedy{
		Doing: doing(e), Evidence: said, ExitCode: found.exit,
		Likely: values.Replace(found.likely), Compare: values.Replace(found.compare),
		Try: values.Replace(found.try),
	}
}

func adviceForExchange(e *exchange.Error) advice {
	switch {
	case e.Code == "" && e.HTTPStatus == 0:
		return adviceFor(e.Err)
	case e.IdentityPoolID != "":
		return findAWS(ofCognito, e.Code, e.Message, e.HTTPStatus)
	}
	return findAWS(ofSTS, e.Code, e.Message, e.HTTPStatus)
}

func doing(e *exchange.Error) string {
	what := "becoming " + e.RoleARN[strings.LastIndex(e.RoleARN, "/")+1:]
	if e.IdentityPoolID != "" {
		what = e.Step + " in identity pool " + e.IdentityPoolID
	}
	if e.Code == "" {
		return what + ": " + InWords(e.Err)
	}
	return what + ": AWS says " + e.Code
}

// evidence is the answer's own words, then the token beside the profile.
func evidence(e *exchange.Error, asked Asked, now time.Time) []Line {
	var lines []Line
	if e.Message != "" {
		lines = append(lines, Line{Label: "answer", Text: e.Message})
	}
	lines = append(lines, block("token", tokenSays(e.Claims, now))...)
	return append(lines, block("profile", profileSays(e, asked))...)
}

func tokenSays(c identity.Claims, now time.Time) []string {
	said := []string{named("iss", c.Issuer), named("aud", strings.Join(c.Audience, " ")),
		named("azp", c.AuthorizedParty), named("sub", c.Subject)}
	if !c.Expiry.IsZero() {
		said = append(said, validity(c.Expiry, now))
	}
	return said
}

// profileSays names the issuer and the client only where the token has others.
func profileSays(e *exchange.Error, asked Asked) []string {
	said := []string{named("role", e.RoleARN), named("pool", e.IdentityPoolID), named("session", e.SessionName)}
	if e.Duration > 0 {
		said = append(said, named("duration", Span(e.Duration)))
	}
	said = append(said, named("region", e.Region))
	if asked.Issuer != e.Claims.Issuer {
		said = append(said, named("issuer", asked.Issuer))
	}
	if asked.ClientID != audience(e.Claims) {
		said = append(said, named("client", asked.ClientID))
	}
	return said
}

// audience is what STS takes for it: azp, where there is one.
func audience(c identity.Claims) string {
	if c.AuthorizedParty != "" {
		return c.AuthorizedParty
	}
	if len(c.Audience) > 0 {
		return c.Audience[0]
	}
	return ""
}

func named(name, value string) string {
	if value == "" {
		return ""
	}
	return name + " " + value
}

// block has a line for each text that is there. The first of them has the label.
func block(label string, texts []string) []Line {
	var lines []Line
	for _, text := range texts {
		if text == "" {
			continue
		}
		lines = append(lines, Line{Label: label, Text: text})
		label = ""
	}
	return lines
}

// validity tells the span and the time by the clock here: «valid for 58 min (14:32)».
func validity(expiry, now time.Time) string {
	if left := expiry.Sub(now); left > 0 {
		return "valid for " + Span(left) + " (" + clock(expiry, now) + ")"
	}
	return "expired " + Span(now.Sub(expiry)) + " ago (" + clock(expiry, now) + ")"
}

// clock is a time of day where now is, with its date where that is another day's.
func clock(at, now time.Time) string {
	at = at.In(now.Location())
	if apart := at.Sub(now).Abs(); apart > 20*time.Hour {
		return at.Format("2 Jan 15:04")
	}
	return at.Format("15:04")
}
