package remedy

import (
	"errors"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/exchange"
)

const (
	// clocksAgree is how far two clocks may differ and still be called right: Date has whole seconds, and answers take
	// their time.
	clocksAgree = time.Minute
	// awsLeeway is how far AWS lets a token's times be off, as those who imitate it have recorded.
	awsLeeway = 5 * time.Minute
)

// wrongClock is for a signature from another time than AWS's.
var wrongClock = advice{"the clock here, or AWS's, is wrong", "the clock here", "", ExitFailed}

// perhapsOfClocks are what is said of a token that AWS refused for reasons of its own, or for its times: there the
// clocks are looked at. Where the answer named another reason, they are not.
var perhapsOfClocks = []advice{tooEarly, tokenExpired, unfitToken, unverifiedToken, refusedByMinIO}

// clocksOf finds the clock that made AWS refuse a token whose times are right by another. There are three: AWS's
// (Date), the one here, and the identity provider's, which is not before the token's iat.
func clocksOf(e *exchange.Error) (advice, bool) {
	issued, expired := e.Claims.IssuedAt, errors.Is(e, identity.ErrTokenRejected)
	leeway := awsLeeway
	switch adviceForExchange(e) {
	case tooEarly: // the answer says so
		leeway = 0
	case refusedByMinIO: // which allows none itself
		leeway = clocksAgree
	}
	ahead, early := e.AWSTime.Sub(e.Here), issued.Sub(e.AWSTime)
	switch {
	case e.AWSTime.IsZero():
		return advice{}, false
	case expired && e.Claims.Expiry.After(e.Here) && ahead > clocksAgree:
		return advice{"AWS's clock is " + difference(ahead) + " ahead of the one here", "the clock here, and AWS's", "", ExitRefused}, true
	case expired || issued.IsZero() || early <= leeway:
		return advice{}, false
	case issued.Sub(e.Here) <= min(clocksAgree, ahead.Abs()/2):
		return advice{"AWS's clock is " + difference(early) + " behind the identity provider's, and the one here",
			"the clock of the server that answers for STS or Cognito", "", ExitRefused}, true
	case ahead.Abs() <= clocksAgree:
		return advice{"the identity provider's clock is " + difference(early) + " ahead of AWS's, and of the one here",
			"the identity provider's clock", "", ExitRefused}, true
	}
	return advice{"three clocks differ: AWS's, the identity provider's and the one here",
		"the clock here first, then the other two", "", ExitRefused}, true
}

// difference is the span between two clocks, rounded: a Date has whole seconds.
func difference(d time.Duration) string {
	if d >= 2*time.Minute {
		return Span(d.Round(time.Minute))
	}
	return Span(d.Round(time.Second))
}

// clocksSay gives the three clocks. That of the identity provider is when it issued the token.
func clocksSay(e *exchange.Error, now time.Time) []string {
	at := func(t time.Time) string { return t.In(now.Location()).Format("15:04:05") }
	said := []string{"here " + at(e.Here), "AWS " + at(e.AWSTime)}
	if !e.Claims.IssuedAt.IsZero() {
		said = append(said, "token issued at "+at(e.Claims.IssuedAt))
	}
	return said
}
