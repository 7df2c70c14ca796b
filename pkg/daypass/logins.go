package daypass

import (
	"context"
	"path"
	"slices"
	"time"

	"github.com/daypass/daypass/pkg/internal/loginindex"
	"github.com/daypass/daypass/pkg/internal/storekey"
	"github.com/daypass/daypass/pkg/profile"
)

// Login is a login on this machine.
type Login struct {
	// Issuer, ClientID and LoginHint say whose sign-in it is; for a guest IdentityPoolID says that instead.
	Issuer, ClientID, LoginHint string
	IdentityPoolID              string
	// SignedOut is when the person signed out; zero if nobody has.
	SignedOut time.Time
	// Profile reaches the login. If only the index knows the login, it can end the sign-in and do nothing else.
	Profile profile.Profile

	key         string
	credentials []loginindex.Credential
	indexed     bool // else only a configured profile has it
}

// Logins returns those of the index, then those of the configured profiles that it lacks. A login that a profile
// describes is reached with what that says (its client secret, its CA bundle), any other with what the index has. The
// error is a warning: the index could not be read.
func Logins(o Options, configured []profile.Profile) ([]Login, error) {
	var all []Login
	known, err := indexOf(o).Logins()
	for _, l := range known {
		all = append(all, newLogin(l, minimalProfile(l), true))
	}
	for _, p := range configured {
		ours := entryOf(p, storekey.NamesOf(p))
		i := slices.IndexFunc(all, func(l Login) bool { return l.key == ours.Key })
		if i < 0 {
			i, all = len(all), append(all, newLogin(ours, p, false))
		}
		all[i].Profile = p
		all[i].Profile.Agent = true // it may have stored what it does not store now
		if c := ours.Credentials[0]; !slices.Contains(all[i].credentials, c) {
			all[i].credentials = append(all[i].credentials, c)
		}
	}
	return all, err
}

func newLogin(l loginindex.Login, p profile.Profile, indexed bool) Login {
	return Login{Issuer: l.Issuer, ClientID: l.ClientID, LoginHint: l.LoginHint, IdentityPoolID: l.IdentityPoolID,
		SignedOut: l.SignedOut, Profile: p, key: l.Key, credentials: l.Credentials, indexed: indexed}
}

// Open returns a client that can end the login.
func (l Login) Open(o Options) (*Client, error) {
	return open(l.Profile, o, storekey.Names{Login: l.key, Credential: l.key + "/credential/none",
		LockFile: path.Base(l.key) + ".lock", SignInFile: path.Base(l.key) + ".attempt"})
}

// ForgetLogins removes logins from the index.
func ForgetLogins(ctx context.Context, o Options, logins ...Login) error {
	var keys []string
	for _, l := range logins {
		keys = append(keys, l.key)
	}
	return indexOf(o).Remove(ctx, keys...)
}

// minimalProfile is as much of a profile as it takes to end a login.
func minimalProfile(l loginindex.Login) profile.Profile {
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

func indexOf(o Options) *loginindex.File {
	return &loginindex.File{Dir: o.StateDir, Now: o.Now, KeyOf: func(l loginindex.Login) string {
		return storekey.NamesOf(minimalProfile(l)).Login
	}}
}

// entry is a login's place in the index, as its session sees it.
type entry struct {
	file  *loginindex.File
	login loginindex.Login
}

// Note implements broker.Index.
func (e entry) Note(ctx context.Context) error { return e.file.Note(ctx, e.login) }

// SignedOut implements broker.Index.
func (e entry) SignedOut(ctx context.Context) error { return e.file.SignedOut(ctx, e.login.Key) }
