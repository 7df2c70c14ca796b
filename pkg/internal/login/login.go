// Package login answers: how does a person's sign-in become a grant, and how does the grant live on?
//
// SignIn runs the authorization code flow with PKCE over a loopback redirect (RFC 8252, RFC 7636,
// RFC 9700) and verifies the ID token that comes back (OpenID Connect Core §3.1.3.7). Renew and Revoke
// look after what it left (RFC 6749 §6, RFC 7009). Nothing is kept here: that is for the caller.
package login

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/sanitize"
	"github.com/daypass/daypass/pkg/secret"
)

// Login signs a person in at one issuer. It may be used by several goroutines at once; its fields are
// not to be changed while it is.
type Login struct {
	// Issuer is the IdP's URL, spelled as in its discovery document.
	Issuer   string
	ClientID string
	// ClientSecret is empty for a public client.
	ClientSecret secret.String
	// Scopes are asked for, with openid added, and with offline_access where OfflineAccess is set and the IdP
	// advertises it.
	Scopes        []string
	OfflineAccess bool
	// RedirectURIs are tried in order; the first whose port is free is used. Hosts are 127.0.0.1, [::1]
	// or localhost; without a port any free one is taken. Empty: http://127.0.0.1/callback.
	RedirectURIs []string
	// LoginHint names the account at the IdP (OpenID Connect Core §3.1.2.1), "" for none.
	LoginHint string
	// AuthParams are further parameters of the authorization request, such as access_type=offline.
	AuthParams map[string]string
	// Prompt is that parameter (OpenID Connect Core §3.1.2.1), "" for none.
	Prompt string
	// ConsentForRefresh asks for consent anew (prompt=consent): some IdPs give a refresh token only then.
	ConsentForRefresh bool
	// Again has the IdP ask the person, whoever is signed in there: by Prompt, else by AgainPrompt, else by what
	// the IdP advertises.
	Again       bool
	AgainPrompt string

	// EndSessionForm has EndSession send the ID token, in a form that is posted: for an IdP that wants it.
	EndSessionForm bool

	// HTTPClient reaches the IdP; nil is http.DefaultClient. Body size, time and redirects are bounded on top.
	HTTPClient *http.Client
	// Open shows a URL in the person's browser; it may block. Its error is told to Notify and the wait
	// goes on, for the person may open the URL by hand. nil: only Notify is told the URL.
	Open func(url string) error
	// Notify is told what happens, one event at a time; nil: nobody is told.
	Notify func(Event)
	// Step hears details that only a curious person wants, never a secret; nil: nobody does. It may be called
	// by several goroutines at once.
	Step func(step string)
	// Now tells the time; nil is time.Now.
	Now func() time.Time
	// Tab is told what becomes of a grant, and its last page is waited for after SignIn; nil: SignIn waits for a
	// page that says who signed in.
	Tab *Tab
	// Profile is named on the final page, "" for none.
	Profile string
	// Cache keeps discovery and JWKS between processes; nil keeps nothing.
	Cache Cache
}

// Cache keeps public documents of the IdP. Its errors are told as a Warning and go no further.
type Cache interface {
	// Get returns nil, nil when there is none.
	Get(ctx context.Context, key string) ([]byte, error)
	Put(ctx context.Context, key string, value []byte, until time.Time) error
}

// discoveryHeadStart is how long the browser waits for discovery, so that an issuer that does not
// answer, or does not exist, opens no tab.
const discoveryHeadStart = 300 * time.Millisecond

// SignIn sends the person to the IdP and returns the grant that comes back. It ends when ctx does, with
// an *UnansweredError where that was a deadline. Errors: *IdPError, *IssuerMismatchError, *PortInUseError,
// *StatusError, *ClockError, *UnsupportedAlgError, ErrNoDiscovery, ErrOtherSignIn, identity.ErrNoIDToken.
func (l *Login) SignIn(ctx context.Context) (identity.Grant, error) {
	grant, err := l.signIn(ctx)
	if err != nil {
		return identity.Grant{}, fmt.Errorf("signing in at %s: %w", hostOf(l.Issuer), err)
	}
	return grant, nil
}

func (l *Login) signIn(ctx context.Context) (identity.Grant, error) {
	if err := l.check(); err != nil {
		return identity.Grant{}, err
	}
	port, err := listen(ctx, l.RedirectURIs)
	if err != nil {
		return identity.Grant{}, err
	}
	open := true
	defer func() {
		if open {
			port.close()
		}
	}()
	flow, cancel := context.WithCancel(ctx)
	defer cancel()

	herald := &herald{notify: l.Notify}
	defer herald.hush()
	idp := l.issuer(flow, herald, fresh) // a kept document does not tell whether the IdP is there
	idp.prefetchKeys(flow)
	if err := idp.failsWithin(flow, discoveryHeadStart); err != nil {
		return identity.Grant{}, err
	}
	a := newAttempt(port, herald.tell)
	a.clientID = l.ClientID
	a.authURL = func(ctx context.Context) (string, error) { return l.authURL(ctx, idp, a) }
	a.serve()

	go l.open(herald, BrowserOpening{StartURL: port.startURL(), Host: hostOf(l.Issuer)})
	grant, err := l.finish(flow, idp, a)
	if other := l.otherThanHinted(grant.ID.Claims); err == nil && other != nil {
		herald.tell(Warning{Err: other})
	}
	o := outcome{who: who(grant.ID.Claims), profile: l.Profile, host: hostOf(l.Issuer), err: err}
	if err == nil && l.Tab != nil {
		l.Tab.take(a, o)
		open = false
		return grant, nil
	}
	a.settle(o)
	a.letPageArrive(ctx)
	a.close()
	return grant, err
}

// open runs the launcher beside the wait: some launchers return only when the browser closes.
func (l *Login) open(herald *herald, e BrowserOpening) {
	herald.tell(e)
	if l.Open == nil {
		return
	}
	if err := l.Open(e.StartURL); err != nil {
		herald.tell(BrowserFailed{Err: err})
	}
}

// finish waits for the browser's answer and turns it into a grant.
func (l *Login) finish(ctx context.Context, idp *issuer, a *attempt) (identity.Grant, error) {
	answer, err := a.wait(ctx, idp.discovery)
	if err != nil {
		return identity.Grant{}, err
	}
	m, err := idp.discovery.wait(ctx)
	if err != nil {
		return identity.Grant{}, err
	}
	if err := answer.check(m); err != nil {
		return identity.Grant{}, l.withScopes(err, m)
	}
	grant, err := l.redeem(ctx, idp, m, a, answer.code)
	return grant, l.withScopes(err, m)
}

// withScopes notes in an error of the IdP which scopes it was asked for.
func (l *Login) withScopes(err error, m metadata) error {
	if told, ok := errors.AsType[*IdPError](err); ok {
		told.Scopes = l.scopes(m)
	}
	return err
}

// otherThanHinted says that somebody else has signed in than LoginHint names. A token that has only the subject,
// which may be any string, does not tell.
func (l *Login) otherThanHinted(c identity.Claims) error {
	if l.LoginHint == "" || strings.EqualFold(c.Subject, l.LoginHint) {
		return nil
	}
	named := ""
	for _, name := range []string{"upn", "preferred_username", "email"} {
		value := c.Text(name)
		if strings.EqualFold(value, l.LoginHint) {
			return nil
		}
		named = cmp.Or(value, named)
	}
	if named == "" {
		return nil
	}
	return fmt.Errorf("you signed in as %s, and login_hint is %s", sanitize.Short(named, maxDescription), sanitize.Short(l.LoginHint, maxDescription))
}

// check refuses what no IdP could make right, before any browser opens.
func (l *Login) check() error {
	if err := secureURL("issuer", l.Issuer); err != nil {
		return err
	}
	if u, err := url.Parse(l.Issuer); err != nil || u.RawQuery != "" {
		return errors.New("the issuer is a URL without a query (OpenID Connect Discovery §3)")
	}
	if l.ClientID == "" {
		return errors.New("there is no client ID")
	}
	for name := range l.AuthParams {
		if ownParam(name) {
			return fmt.Errorf("the authorization parameter %q is daypass's own to set", name)
		}
	}
	return nil
}

func (l *Login) step(step string) {
	if l.Step != nil {
		l.Step(step)
	}
}

func (l *Login) now() time.Time {
	if l.Now != nil {
		return l.Now()
	}
	return time.Now()
}

// who is what a person is called on a page and in a terminal.
func who(c identity.Claims) string {
	if c.Email != "" {
		return sanitize.Short(c.Email, maxDescription)
	}
	return sanitize.Short(c.Subject, maxDescription)
}
