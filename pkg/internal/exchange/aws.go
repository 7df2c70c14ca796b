// Package exchange answers: what does AWS give for this token?
//
// STS makes its holder a role, Cognito what an identity pool says. Both calls are unsigned; Verify signs
// with the credential that it asks about. No ambient AWS credential is ever looked up: daypass is what
// those come from.
package exchange

import (
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// Limits of one call: an SDK that waits for its credential process gives up after a minute.
const (
	maxAttempts    = 3
	attemptTimeout = 10 * time.Second
)

// tolerated is how far the clocks may differ before an expiration is corrected: the Date header has
// whole seconds, and a credential counts as stale minutes before its end.
const tolerated = time.Minute

// AWS says where its services are and how they are reached. Endpoints follow the SDK's own rules.
type AWS struct {
	// Region is one of any partition, or aws-global.
	Region string
	// Endpoint replaces the service's own URL.
	Endpoint        string
	FIPS, DualStack bool
	// HTTPClient sends the requests; nil means Go's own. Redirects are never followed: AWS sends
	// none, and a token is no business of anybody else's. An attempt ends after 10 seconds unless the
	// client has its own limit.
	HTTPClient *http.Client
	// Now is the local clock; nil means time.Now.
	Now func() time.Time
	// UserAgent is NAME/VERSION of the program.
	UserAgent string
}

func (a AWS) now() time.Time {
	if a.Now == nil {
		return time.Now()
	}
	return a.Now()
}

func (a AWS) client() *http.Client {
	var client http.Client
	if a.HTTPClient != nil {
		client = *a.HTTPClient
	}
	if client.Timeout == 0 {
		client.Timeout = attemptTimeout
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

func (a AWS) endpoint() *string {
	if a.Endpoint == "" {
		return nil
	}
	return aws.String(a.Endpoint)
}

func (a AWS) fips() aws.FIPSEndpointState {
	if a.FIPS {
		return aws.FIPSEndpointStateEnabled
	}
	return aws.FIPSEndpointStateDisabled
}

func (a AWS) dualStack() aws.DualStackEndpointState {
	if a.DualStack {
		return aws.DualStackEndpointStateEnabled
	}
	return aws.DualStackEndpointStateDisabled
}

func (a AWS) userAgent() []func(*middleware.Stack) error {
	name, version, _ := strings.Cut(a.UserAgent, "/")
	if name == "" {
		return nil
	}
	return []func(*middleware.Stack) error{awsmiddleware.AddUserAgentKeyValue(name, version)}
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
