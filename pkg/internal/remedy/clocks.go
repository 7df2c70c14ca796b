package remedy

import (
	"errors"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/exchange"
)

const (
	// clockTolerance is the difference of two clocks that is ignored: Date has whole seconds, and a response takes time.
	clockTolerance = time.Minute
	// awsLeeway is how far a token's times may be off for AWS, as observed by authors of AWS emulators.
	awsLeeway = 5 * time.Minute
)

// wrongClock is for a signature whose time differs from AWS's clock.
var wrongClock = advice{likely: "the local clock or AWS's clock is wrong", compare: "the local clock with the correct time", exit: ExitFailed}

// clockCandidates are the advices after which the clocks are compared: AWS refused the token because of its times, or
// gave no reason. If AWS named another reason, the clocks are not compared.
var clockCandidates = []advice{tooEarly, tokenExpired, tokenMismatch, unverifiedToken, refusedByMinIO}

// adviceForClocks finds the wrong clock when AWS refused a token whose times are right by another clock. The three clocks
// are AWS's (the Date header), the local one, and the identity provider's, which is not earlier than the token's iat.
func adviceForClocks(e *exchange.Error) (advice, bool) {
	issued, expired := e.Claims.IssuedAt, errors.Is(e, identity.ErrTokenRejected)
	leeway := awsLeeway
	switch adviceForExchange(e) {
	case tooEarly: // AWS says so
		leeway = 0
	case refusedByMinIO: // MinIO allows no leeway
		leeway = clockTolerance
	}
	ahead, early := e.AWSTime.Sub(e.Here), issued.Sub(e.AWSTime)
	switch {
	case e.AWSTime.IsZero():
		return advice{}, false
	case expired && e.Claims.Expiry.After(e.Here) && ahead > clockTolerance:
		return advice{
			likely:  "AWS's clock is " + difference(ahead) + " ahead of the local clock",
			compare: "the local clock with AWS's",
			exit:    ExitRefused,
		}, true
	case expired || issued.IsZero() || early <= leeway:
		return advice{}, false
	case issued.Sub(e.Here) <= min(clockTolerance, ahead.Abs()/2):
		return advice{
			likely:  "AWS's clock is " + difference(early) + " behind the identity provider's and the local clock",
			compare: "the clock of the STS or Cognito server",
			exit:    ExitRefused,
		}, true
	case ahead.Abs() <= clockTolerance:
		return advice{
			likely:  "the identity provider's clock is " + difference(early) + " ahead of AWS's and the local clock",
			compare: "the identity provider's clock",
			exit:    ExitRefused,
		}, true
	}
	return advice{
		likely:  "three clocks differ: AWS's, the identity provider's and the local one",
		compare: "the local clock first, then the other two",
		exit:    ExitRefused,
	}, true
}

// difference formats the difference of two clocks, rounded because Date has whole seconds.
func difference(d time.Duration) string {
	if d >= 2*time.Minute {
		return Span(d.Round(time.Minute))
	}
	return Span(d.Round(time.Second))
}

// clockEvidence lists the three clocks. For the identity provider, it is the time at which it issued the token.
func clockEvidence(e *exchange.Error, now time.Time) []string {
	at := func(t time.Time) string { return t.In(now.Location()).Format("15:04:05") }
	texts := []string{"local " + at(e.Here), "AWS " + at(e.AWSTime)}
	if !e.Claims.IssuedAt.IsZero() {
		texts = append(texts, "token issued at "+at(e.Claims.IssuedAt))
	}
	return texts
}
