package daypass

import (
	"context"
	"path"
	"slices"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/loginindex"
	"github.com/daypass/daypass/pkg/internal/storekey"
	"github.com/daypass/daypass/pkg/profile"
)

// Login is one that this machine knows.
type Login struct {
	loginindex.Login
	// Profile reaches the login, and may be good for no more: it becomes nothing where the index alone
	// knows of it.
	Profile profile.Profile
	// indexed says that it is in the index; else a configured profile alone has it.
	indexed bool
}

// Logins are those of the index, then those of the configured profiles that it does not have. A login that
// a profile describes still is reached by what that says (its client secret, its CA bundle), another by what
// the index has. The error is a warning: the index could not be read.
func Logins(o Options, configured []profile.Profile) ([]Login, error) {
	var all []Login
	known, err := indexOf(o).Logins()
	for _, l := range known {
		all = append(all, Login{Login: l, Profile: barely(l), indexed: true})
	}
	for _, p := range configured {
		ours := entryOf(p, storekey.NamesOf(p))
		i := slices.IndexFunc(all, func(l Login) bool { return l.Key == ours.Key })
		if i < 0 {
			i, all = len(all), append(all, Login{Login: ours})
		}
		all[i].Profile = p
		all[i].Profile.Agent = true // it may have kept what it does not keep now
		if c := ours.Credentials[0]; !slices.Contains(all[i].Credentials, c) {
			all[i].Credentials = append(all[i].Credentials, c)
		}
	}
	return all, err
}

// Broker wires one that can end the login.
func (l Login) Broker(o Options) (*broker.Broker, error) {
	return wire(l.Profile, o, storekey.Names{Login: l.Key, Credential: l.Key + "/credential/none", LockFile: path.Base(l.Key) + ".lock"})
}

// EndSession takes the person's browser to the IdP, to end the session there (login.Login.EndSession).
func EndSession(ctx context.Context, p profile.Profile, o Options, kept identity.Token) error {
	return signIn(p, o, httpClient(p, o.Step, nil)).EndSession(ctx, kept)
}

// ForgetLogins takes logins out of the index.
func ForgetLogins(ctx context.Context, o Options, keys ...string) error {
	return indexOf(o).Remove(ctx, keys...)
}

// barely is as much of a profile as it takes to end a login.
func barely(l loginindex.Login) profile.Profile {
	p := profile.Profile{Agent: true, Login: profile.Login{
		Issuer: l.Issuer, ClientID: l.ClientID, LoginHint: l.LoginHint, Scopes: l.Scopes}}
	if l.IdentityPoolID != "" {
		p.IdentityPool = profile.IdentityPool{ID: l.IdentityPoolID, Guest: true}
		p.Endpoints.CognitoIdentity = l.Endpoint
	}
	return p
}

// entryOf is what the index has of a profile.
func entryOf(p profile.Profile, names storekey.Names) loginindex.Login {
	l := loginindex.Login{Key: names.Login, Credentials: []loginindex.Credential{{Key: names.Credential, Profile: p.Name,
		RoleARN: p.Role.ARN, IdentityPoolID: p.IdentityPool.ID}}}
	if p.IdentityPool.Guest {
		l.IdentityPoolID, l.Endpoint = p.IdentityPool.ID, p.Endpoints.CognitoIdentity
	} else {
		l.Issuer, l.ClientID, l.LoginHint, l.Scopes = p.Login.Issuer, p.Login.ClientID, p.Login.LoginHint, p.Login.Scopes
	}
	return l
}

func indexOf(o Options) *loginindex.File { return &loginindex.File{Dir: o.StateDir, Now: o.Now} }

// entry is a login's place in the index, as its broker sees it.
type entry struct {
	file  *loginindex.File
	login loginindex.Login
}

// Note implements broker.Index.
func (e entry) Note(ctx context.Context) error { return e.file.Note(ctx, e.login) }

// SignedOut implements broker.Index.
func (e entry) SignedOut(ctx context.Context) error { return e.file.SignedOut(ctx, e.login.Key) }
