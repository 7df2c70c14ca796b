// Package exchange turns proof of identity into an AWS credential, through STS or a Cognito identity pool.
//
// Those requests are unsigned; Verify signs its request with the credential that it checks. The package never looks for
// AWS credentials in the environment: SDKs get them from daypass.
package exchange

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/daypass/daypass/pkg/internal/awsclient"
)

// Limits of one call: an SDK waits a minute for its credential process.
const (
	maxAttempts    = 3
	attemptTimeout = 10 * time.Second
)

// maxSkew is how far the clocks may differ before an expiration is corrected. A smaller difference does no harm, because
// a credential is stale minutes before it expires.
const maxSkew = time.Minute

// maxCorrection bounds the correction. It may be far more than login's for ID tokens: AWS chooses the expiration itself, so a
// wrong Date header lets nothing pass that AWS refuses.
const maxCorrection = 24 * time.Hour

// AWS is a service of AWS that issues or checks credentials.
type AWS struct {
	awsclient.Options
	// Now is the local clock; nil means time.Now.
	Now func() time.Time
	// Step receives details for verbose output; it may be nil.
	Step func(step string)
}

func (a AWS) now() time.Time {
	if a.Now == nil {
		return time.Now()
	}
	return a.Now()
}

// config is called for each request: a cached credential needs no AWS client.
func (a AWS) config(credentials aws.CredentialsProvider) aws.Config {
	config := a.Config(credentials, attemptTimeout)
	config.Retryer = newRetryer
	return config
}

// localTime converts a time of AWS's clock to the local clock, by which daypass and the SDKs check whether a credential
// has expired. The Date header of the response says how far the local clock is off.
func (a AWS) localTime(t time.Time, response middleware.Metadata) time.Time {
	if date, ok := awsmiddleware.GetServerTime(response); ok {
		skew := date.Sub(a.now())
		if skew.Abs() > maxCorrection && a.Step != nil {
			a.Step(fmt.Sprintf("AWS's clock and the local clock differ by %s; at most %s of that is corrected", skew.Abs().Round(time.Minute), maxCorrection))
		}
		if skew.Abs() > maxSkew {
			t = t.Add(-min(max(skew, -maxCorrection), maxCorrection))
		}
	}
	return t.UTC()
}
