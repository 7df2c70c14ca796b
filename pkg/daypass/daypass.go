// Package daypass answers: how do the parts become one? It alone knows every part: it turns a profile
// into a broker with its stores, lock, HTTP client and AWS endpoints.
//
// Nothing is built that the way to a kept credential does not need: clients come to be at their first
// call.
package daypass

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/exchange"
	"github.com/daypass/daypass/pkg/internal/keyring"
	"github.com/daypass/daypass/pkg/internal/lock"
	"github.com/daypass/daypass/pkg/internal/login"
	"github.com/daypass/daypass/pkg/internal/signin"
	"github.com/daypass/daypass/pkg/internal/storekey"
	"github.com/daypass/daypass/pkg/internal/upload"
	"github.com/daypass/daypass/pkg/profile"
)

// Options are what a profile does not say: how this process reaches a person and the system.
type Options struct {
	// OpenBrowser shows a URL to the person.
	OpenBrowser func(url string) error
	// Apart begins a sign-in in a process of its own when only that helps (see broker.Broker); nil: never.
	Apart func(ctx context.Context) (broker.Wait, error)
	// Unasked says that this process is such a one: it leaves a trace where its sign-in comes to nothing, so
	// that no other begins by itself. One that was asked for takes over from any other.
	Unasked bool
	// Tab is the browser's after a sign-in, to be waited for before the process ends (login.Tab); nil: a sign-in
	// waits itself, and its last page says nothing of AWS.
	Tab *login.Tab
	// Again has the identity provider ask the person anew, whoever is signed in there.
	Again bool
	// Waiting hears that another process's sign-in is waited for, and whether nobody else does; nil: nobody
	// hears.
	Waiting func(on *signin.UnderWayError, first bool)
	// Notify hears of the steps of a sign-in, Warn of what went wrong without being in the way.
	Notify func(login.Event)
	Warn   func(error)
	// Step hears what is being done: steps, hosts and durations, never a secret. It may be called by
	// several goroutines at once. Nil: nobody hears.
	Step func(step string)
	Now  func() time.Time
	// Version of the program, for the User-Agent.
	Version string
	// RuntimeDir overrides where the agent's socket and the locks are.
	RuntimeDir string
	// StateDir is where files that outlive a run rest (profile.StateDir); "" is nowhere.
	StateDir string
	// AgentCommand starts an agent; nil: none is ever started, one that runs is used.
	AgentCommand []string
	// SessionBus is the address of the D-Bus session bus, which the keyring is asked through on Linux.
	SessionBus string
}

// New wires a broker for the profile. Its errors are about this machine's private directory.
func New(p profile.Profile, o Options) (*broker.Broker, error) {
	return wire(p, o, storekey.NamesOf(p))
}

// wire is New for what is kept under these names.
func wire(p profile.Profile, o Options, names storekey.Names) (*broker.Broker, error) {
	dir, err := agent.Dir(o.RuntimeDir)
	if err != nil {
		return nil, err
	}
	client := httpClient(p, o.Step, o.Warn)
	b := &broker.Broker{
		Anonymous: p.IdentityPool.Guest,
		Keyring:   systemKeyring(o),
		Lock: func(ctx context.Context) (func(), error) {
			return lock.Acquire(ctx, filepath.Join(dir, names.LockFile))
		},
		LoginKey: names.Login, CredentialKey: names.Credential,
		Now: o.Now, Warn: o.Warn, Step: o.Step,
	}
	tries := newAttempts(p, o, b.Lock, filepath.Join(dir, names.AttemptFile))
	tries.kept = func(ctx context.Context) bool { return b.LookForCredential(ctx).Fresh(o.Now()) }
	b.Attempts, b.Apart, o.Notify = tries, tries.apart(o.Apart), tries.watching(o.Notify)
	source := signIn(p, o, client)
	var ids exchange.IdentityIDs
	if p.Agent {
		memory := &agent.Client{Dir: dir, Command: o.AgentCommand}
		b.Memory, source.Cache, ids = memory, memory, memory
		b.Lock = patiently(b.Lock, memory)
	}
	if b.Anonymous {
		ids = &guestID{keyring: b.Keyring, memory: b.Memory, key: names.Login}
	}
	if o.Tab != nil {
		b.Settle = func(err error) { o.Tab.Settle(resultOf(err)) }
	}
	b.Source, b.Exchanger = source, exchanger(p, o, client, ids)
	if o.StateDir != "" {
		b.Index = entry{indexOf(o), entryOf(p, names)}
	}
	return b, nil
}

// resultOf is what the tab says of it.
func resultOf(err error) login.Result {
	told, ok := errors.AsType[*exchange.Error](err)
	switch {
	case err == nil:
		return login.Accepted
	case ok && told.Code != "":
		return login.Refused
	}
	return login.Failed
}

// patiently is the lock, under which the agent has more time: a miss there costs a renewal, or a person's.
func patiently(lock func(context.Context) (func(), error), memory *agent.Client) func(context.Context) (func(), error) {
	return func(ctx context.Context) (func(), error) {
		release, err := lock(ctx)
		if err != nil {
			return nil, err
		}
		end := memory.Patient()
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

func signIn(p profile.Profile, o Options, client *http.Client) *login.Login {
	return &login.Login{
		Issuer: p.Login.Issuer, ClientID: p.Login.ClientID, ClientSecret: p.Login.ClientSecret,
		Scopes: p.Login.Scopes, OfflineAccess: p.Login.OfflineAccess, RedirectURIs: p.Login.RedirectURIs, LoginHint: p.Login.LoginHint,
		AuthParams: p.Login.AuthParams, ConsentForRefresh: p.Login.ConsentForRefresh,
		Prompt: p.Login.Prompt, AgainPrompt: p.Login.AgainPrompt, Again: o.Again, EndSessionForm: p.Login.EndSessionForm, Tab: o.Tab,
		HTTPClient: client, Open: o.OpenBrowser, Notify: o.Notify, Step: o.Step, Now: o.Now, Profile: p.Name,
	}
}

// exchanger chooses STS or Cognito by what the profile names.
func exchanger(p profile.Profile, o Options, client *http.Client, ids exchange.IdentityIDs) broker.Exchanger {
	aws := securityTokens(p, o, client)
	if p.IdentityPool.ID != "" {
		aws.Region, aws.Endpoint = p.IdentityPool.Region(), p.Endpoints.CognitoIdentity
		return &exchange.Cognito{IdentityPoolID: p.IdentityPool.ID, Guest: p.IdentityPool.Guest, AWS: aws, Kept: ids}
	}
	return &exchange.STS{
		RoleARN: p.Role.ARN, SessionName: p.Role.SessionName, Duration: p.Role.Duration,
		Policy: p.Role.Policy, PolicyARNs: p.Role.PolicyARNs, AWS: aws,
	}
}

// securityTokens is STS as the profile reaches it.
func securityTokens(p profile.Profile, o Options, client *http.Client) exchange.AWS {
	return exchange.AWS{
		Region: cmp.Or(p.Region, p.IdentityPool.Region()), Endpoint: p.Endpoints.STS, FIPS: p.Endpoints.FIPS,
		DualStack: p.Endpoints.DualStack, HTTPClient: client, Now: o.Now, UserAgent: "daypass/" + o.Version,
	}
}

// Verify asks AWS STS whose that credential of the profile is, and returns the principal (exchange.AWS.Verify).
func Verify(ctx context.Context, p profile.Profile, o Options, c credential.Credential) (credential.Principal, error) {
	return securityTokens(p, o, httpClient(p, o.Step, nil)).Verify(ctx, c)
}

// NewUploader returns an uploader to the profile's bucket, under the prefix that is the holder's.
func NewUploader(p profile.Profile, o Options, b *broker.Broker, prefix string) *upload.Uploader {
	return &upload.Uploader{
		Bucket: p.Upload.Bucket, Prefix: prefix, Credentials: b.Credential,
		Region: p.Region, Endpoint: p.Endpoints.S3, PathStyle: p.Endpoints.PathStyle,
		FIPS: p.Endpoints.FIPS, DualStack: p.Endpoints.DualStack, HTTPClient: httpClient(p, o.Step, nil),
		UserAgent: "daypass/" + o.Version, ChecksumWhenRequired: p.Endpoints.S3 != "", Warn: o.Warn,
	}
}
