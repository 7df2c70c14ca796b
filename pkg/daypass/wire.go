package daypass

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"path/filepath"

	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/internal/awsclient"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/exchange"
	"github.com/daypass/daypass/pkg/internal/keyring"
	"github.com/daypass/daypass/pkg/internal/lock"
	"github.com/daypass/daypass/pkg/internal/login"
	"github.com/daypass/daypass/pkg/internal/signin"
	"github.com/daypass/daypass/pkg/internal/storekey"
	"github.com/daypass/daypass/pkg/internal/weburl"
	"github.com/daypass/daypass/pkg/profile"
)

// open connects the parts, which store under these names. It creates nothing that a cached credential does not need:
// AWS clients are created at their first call.
func open(p profile.Profile, o Options, names storekey.Names) (*Client, error) {
	dir, err := agent.Dir(o.RuntimeDir)
	if err != nil {
		return nil, &Error{p, err}
	}
	c := &Client{profile: p, options: o}
	client := httpClient(p, o.step(), o.warn)
	locker := func(ctx context.Context) (func(), error) {
		return lock.Acquire(ctx, filepath.Join(dir, names.LockFile))
	}
	var memory broker.Store
	var documents *agent.Client
	if p.Agent {
		documents = &agent.Client{Dir: dir, Command: o.AgentCommand}
		memory, locker = documents, withLongTimeout(locker, documents)
	}
	var index broker.Index
	if o.StateDir != "" {
		index = entry{indexOf(o), entryOf(p, names)}
	}
	var ids exchange.IdentityIDs
	if p.IdentityPool.Guest {
		guest := &broker.GuestSession{Memory: memory, Keyring: systemKeyring(o), Index: index, LoginKey: names.Login,
			Locker: locker, Warn: o.warn, Step: o.step()}
		c.session, ids = guest, guest
	} else {
		c.session = c.person(client, names, filepath.Join(dir, names.SignInFile), broker.PersonSession{Memory: memory,
			Keyring: systemKeyring(o), Index: index, LoginKey: names.Login, Locker: locker, Now: o.Now, Warn: o.warn, Step: o.step()})
		if documents != nil {
			c.login.Cache, ids = documents, documents
		}
	}
	c.broker = &broker.Broker{Sessions: []broker.Session{c.session}, Exchanger: exchanger(p, o, client, ids), Memory: memory,
		CredentialKey: names.Credential, Now: o.Now, Warn: o.warn, Step: o.step()}
	return c, nil
}

// person completes the session of a person with the parts for signing in.
func (c *Client) person(client *http.Client, names storekey.Names, record string, s broker.PersonSession) *broker.PersonSession {
	p, o := c.profile, c.options
	c.signIns = &signin.Coordinator{Path: record, Host: weburl.Host(p.Login.Issuer, p.Login.Issuer), Now: o.Now, LoginLock: s.Locker,
		Background: o.InBackground, Waiting: o.pendingSignIn, Reason: reasonOf,
		Unneeded: func(ctx context.Context) error {
			if c.broker.Cached(ctx).Fresh(o.Now()) {
				return broker.ErrLookAgain
			}
			return nil
		}}
	c.login = &login.Login{
		Issuer: p.Login.Issuer, ClientID: p.Login.ClientID, ClientSecret: p.Login.ClientSecret,
		Scopes: p.Login.Scopes, OfflineAccess: p.Login.OfflineAccess, RedirectURIs: p.Login.RedirectURIs, LoginHint: p.Login.LoginHint,
		AuthParams: p.Login.AuthParams, ConsentForRefresh: p.Login.ConsentForRefresh,
		Prompt: p.Login.Prompt, AgainPrompt: p.Login.AgainPrompt, Again: o.Again, EndSessionForm: p.Login.EndSessionForm, Tab: &c.tab,
		HTTPClient: client, Open: o.OpenBrowser, Notify: o.loginEvents(c.signIns.Shown), Step: o.step(), Now: o.Now, Profile: p.Name,
	}
	s.IdP, s.SignIns, s.Settle = c.login, c.signIns, func(err error) { c.tab.Settle(resultOf(err)) }
	if o.Background != nil {
		s.Background = c.startSignIn
	}
	return &s
}

// resultOf returns the result that the browser's tab shows.
func resultOf(err error) login.Result {
	refused, ok := errors.AsType[*exchange.Error](err)
	switch {
	case err == nil:
		return login.Accepted
	case ok && refused.Code != "":
		return login.Refused
	}
	return login.Failed
}

// reasonOf returns why a sign-in failed, without what was being done.
func reasonOf(err error) string {
	if e, ok := errors.AsType[*login.UnansweredError](err); ok {
		return e.Error()
	}
	if e, ok := errors.AsType[*login.IdPError](err); ok {
		return e.Error()
	}
	return err.Error()
}

// withLongTimeout gives the agent more time while the lock is held: a miss there costs a renewal, or a sign-in.
func withLongTimeout(lock func(context.Context) (func(), error), memory *agent.Client) func(context.Context) (func(), error) {
	return func(ctx context.Context) (func(), error) {
		release, err := lock(ctx)
		if err != nil {
			return nil, err
		}
		end := memory.UseLongTimeout()
		return func() { end(); release() }, nil
	}
}

func systemKeyring(o Options) *keyring.Store {
	s := &keyring.Store{Service: "daypass", BusAddress: o.SessionBus}
	if o.StateDir != "" {
		s.SealDir = filepath.Join(o.StateDir, "sealed")
	}
	return s
}

// exchanger chooses STS or Cognito by what the profile names.
func exchanger(p profile.Profile, o Options, client *http.Client, ids exchange.IdentityIDs) broker.Exchanger {
	aws := securityTokens(p, o, client)
	if p.IdentityPool.ID != "" {
		aws.Region, aws.Endpoint = p.IdentityPool.Region(), p.Endpoints.CognitoIdentity
		return &exchange.Cognito{IdentityPoolID: p.IdentityPool.ID, AWS: aws, IdentityIDs: ids}
	}
	return &exchange.STS{
		RoleARN: p.Role.ARN, SessionName: p.Role.SessionName, Duration: p.Role.Duration,
		Policy: p.Role.Policy, PolicyARNs: p.Role.PolicyARNs, AWS: aws,
	}
}

// securityTokens returns the profile's settings for STS.
func securityTokens(p profile.Profile, o Options, client *http.Client) exchange.AWS {
	aws := exchange.AWS{Options: awsOptions(p, o, p.Endpoints.STS, client), Now: o.Now, Step: o.step()}
	aws.Region = cmp.Or(p.Region, p.IdentityPool.Region())
	return aws
}

// awsOptions returns the options of the service at that endpoint; "" is AWS's own.
func awsOptions(p profile.Profile, o Options, endpoint string, client *http.Client) awsclient.Options {
	return awsclient.Options{Region: p.Region, Endpoint: endpoint, FIPS: p.Endpoints.FIPS, DualStack: p.Endpoints.DualStack,
		HTTPClient: client, UserAgent: "daypass/" + o.Version}
}
