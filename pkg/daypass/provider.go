package daypass

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/profile"
)

// Environment returns the Options that a process's variables give: the directories, and the session bus of
// the keyring. Getenv is os.Getenv.
func Environment(getenv func(name string) string) Options {
	return Options{
		RuntimeDir: getenv("DAYPASS_RUNTIME_DIR"), StateDir: profile.StateDir(getenv),
		SessionBus: getenv("DBUS_SESSION_BUS_ADDRESS"),
	}
}

// NewProvider returns credentials of the profile for a client of AWS's SDK, which may call it from several
// goroutines. They come from an agent that runs, else from the sign-in that is kept, renewed in silence. No
// agent is started and no browser opens, for the program is somebody else's: broker.ErrSignInNeeded says
// that the person has to run daypass login. Errors of NewProvider are about the private directory.
func NewProvider(p profile.Profile, o Options) (aws.CredentialsProvider, error) {
	o.AgentCommand, o.Apart = nil, nil
	if o.Now == nil {
		o.Now = time.Now
	}
	b, err := New(p, o)
	if err != nil {
		return nil, err
	}
	return aws.NewCredentialsCache(&provider{b.Credential, o.Now}), nil
}

// provider is what the SDK's cache asks. The broker remembers its sign-in, and is asked by one at a time: the
// cache sees to that.
type provider struct {
	credential func(context.Context) (credential.Credential, error)
	now        func() time.Time
}

const (
	// again is how soon the cache asks anew for what could not be renewed.
	again = time.Minute
	// retrieval is what one may take: the cache's context has no end of its own.
	retrieval = 50 * time.Second
)

// Retrieve implements aws.CredentialsProvider. The SDK's cache asks again when Expires has come, not before:
// it is told when the credential gets stale, while it still works for minutes.
func (p *provider) Retrieve(ctx context.Context) (aws.Credentials, error) {
	ctx, cancel := context.WithTimeout(ctx, retrieval)
	defer cancel()
	c, err := p.credential(ctx)
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("getting credentials from daypass: %w", err)
	}
	return aws.Credentials{
		AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey.Reveal(), SessionToken: c.SessionToken.Reveal(),
		Source: "daypass", CanExpire: true, Expires: p.expires(c), AccountID: c.Principal.AccountID(),
	}, nil
}

// expires is when the cache should ask again.
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
