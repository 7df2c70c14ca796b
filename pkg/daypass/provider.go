package daypass

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/awsclient"
	"github.com/daypass/daypass/pkg/profile"
)

// NewProvider returns credentials of the profile for clients of AWS's SDK; any number of goroutines may use it. They
// come from a running agent, else from the stored sign-in, which is renewed silently. It starts no agent and opens no
// browser, because that is not the business of a library: ErrSignInNeeded says that the person has to run daypass
// login. Its own errors are those of Open.
func NewProvider(p profile.Profile, o Options) (aws.CredentialsProvider, error) {
	o.AgentCommand, o.Background = nil, nil
	if o.Now == nil {
		o.Now = time.Now
	}
	c, err := Open(p, o)
	if err != nil {
		return nil, err
	}
	return aws.NewCredentialsCache(&provider{c.Credential, o.Now}), nil
}

// provider is used by the SDK's cache. A Client is for one goroutine at a time, which the cache ensures.
type provider struct {
	credential func(context.Context) (credential.Credential, error)
	now        func() time.Time
}

const (
	// again is the time until the cache asks again after a failed renewal.
	again = time.Minute
	// retrieval bounds one retrieval: the cache's context never ends by itself.
	retrieval = 50 * time.Second
)

// Retrieve implements aws.CredentialsProvider. The SDK's cache does not ask again before Expires, so Expires is when
// the credential becomes stale. It still works for some minutes.
func (p *provider) Retrieve(ctx context.Context) (aws.Credentials, error) {
	ctx, cancel := context.WithTimeout(ctx, retrieval)
	defer cancel()
	c, err := p.credential(ctx)
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("getting credentials from daypass: %w", err)
	}
	out := awsclient.Credentials(c)
	out.CanExpire, out.Expires = true, p.expires(c)
	return out, nil
}

// expires returns the time when the cache should ask again.
func (p *provider) expires(c credential.Credential) time.Time {
	at := c.StaleAt()
	if soon := p.now().Add(again); at.Before(soon) {
		at = soon
	}
	if at.After(c.Expiration) {
		return c.Expiration
	}
	return at
}
