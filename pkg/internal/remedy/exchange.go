package remedy

import (
	"slices"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/exchange"
)

func remedyForExchange(e *exchange.Error, asked Asked, now time.Time) Remedy {
	found := adviceForExchange(e)
	values := exchangeValues(e, asked.Flags)
	lines := evidence(e, asked, now)
	if clocks, ok := adviceForClocks(e); ok && slices.Contains(clockCandidates, found) {
		found = clocks
		lines = append(lines, block("clocks", clockEvidence(e, now))...)
	}
	return Remedy{
		Doing: doing(e), Evidence: lines, ExitCode: found.exit,
		Likely: values.Replace(found.likely), Compare: values.Replace(found.compare),
		Try: values.Replace(found.try),
	}
}

func adviceForExchange(e *exchange.Error) advice {
	switch {
	case e.Code == "" && e.HTTPStatus == 0:
		return adviceFor(e.Err)
	case e.IdentityPoolID != "":
		return findAWS(cognitoRules, e.Code, e.Message, e.HTTPStatus)
	}
	return findAWS(stsRules, e.Code, e.Message, e.HTTPStatus)
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

// evidence lists AWS's message, the token and the profile.
func evidence(e *exchange.Error, asked Asked, now time.Time) []Line {
	var lines []Line
	if e.Message != "" {
		lines = append(lines, Line{Label: "answer", Text: e.Message})
	}
	lines = append(lines, block("token", tokenEvidence(e.Claims, now))...)
	return append(lines, block("profile", profileEvidence(e, asked))...)
}

func tokenEvidence(c identity.Claims, now time.Time) []string {
	texts := []string{named("iss", c.Issuer), named("aud", strings.Join(c.Audience, " ")),
		named("azp", c.AuthorizedParty), named("sub", c.Subject)}
	if !c.Expiry.IsZero() {
		texts = append(texts, validity(c.Expiry, now))
	}
	return texts
}

// profileEvidence contains the issuer and the client only if the token has others.
func profileEvidence(e *exchange.Error, asked Asked) []string {
	texts := []string{named("role", e.RoleARN), named("pool", e.IdentityPoolID), named("session", e.SessionName)}
	if e.Duration > 0 {
		texts = append(texts, named("duration", Span(e.Duration)))
	}
	texts = append(texts, named("region", e.Region))
	if asked.Issuer != e.Claims.Issuer {
		texts = append(texts, named("issuer", asked.Issuer))
	}
	if asked.ClientID != audience(e.Claims) {
		texts = append(texts, named("client", asked.ClientID))
	}
	return texts
}

// audience returns what STS uses as the audience: azp, if the token has it.
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

// block returns a line for each text that is not empty. The first line has the label.
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

// validity returns the time left and the expiry by the local clock: "valid for 58 min (14:32)".
func validity(expiry, now time.Time) string {
	if left := expiry.Sub(now); left > 0 {
		return "valid for " + Span(left) + " (" + clock(expiry, now) + ")"
	}
	return "expired " + Span(now.Sub(expiry)) + " ago (" + clock(expiry, now) + ")"
}

// clock formats a time in now's time zone, with the date if it is more than 20 hours away.
func clock(at, now time.Time) string {
	at = at.In(now.Location())
	if at.Sub(now).Abs() > 20*time.Hour {
		return at.Format("2 Jan 15:04")
	}
	return at.Format("15:04")
}
