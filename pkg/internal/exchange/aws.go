// Package exchange answers: what does AWS give for this token?
//
// STS makes its holder a role, Cognito what an identity pool says. Both calls are unsigned; Verify signs
// with the credential that it asks about. No ambient AWS credential is ever looked up: daypass is what
// those come from.
package exchange

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/daypass/daypass/pkg/internal/awsclient"
)

// Limits of one call: an SDK that waits for its credential process gives up after a minute.
const (
	maxAttempts    = 3
	attemptTimeout = 10 * time.Second
)

// tolerated is how far the clocks may differ before an expiration is corrected: the Date header has
// whole seconds, and a credential counts as stale minutes before its end.
const tolerated = time.Minute

// AWS is a service of AWS that issues or checks credentials.
type AWS struct {
	awsclient.Options
	// Now is the local clock; nil means time.Now.
	Now func() time.Time
}

func (a AWS) now() time.Time {
	if a.Now == nil {
		return time.Now()
	}
	return a.Now()
}

// config is for a client that is made when it is needed: a cached credential needs none.
func (a AWS) config(credentials aws.CredentialsProvider) aws.Config {
	config := a.Config(credentials, attemptTimeout)
	config.Retryer = newRetryer
	return config
}

// localTime is t of AWS's clock by the clock here. Whoever asks later whether a credential has expired,
// this program or an SDK, asks the clock here; where that is wrong by more than a minute, AWS's Date
// header says by how much.
func (a AWS) localTime(t time.Time, answer middleware.Metadata) time.Time {
	if date, ok := awsmiddleware.GetServerTime(answer); ok {
		if skew := date.Sub(a.now()); skew.Abs() > tolerated {
			t = t.Add(-skew)
		}
	}
	return t.UTC()
}
