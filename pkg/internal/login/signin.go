package login

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// discoveryHeadStart is how long the browser waits for discovery, so that no tab opens for an issuer that does not
// answer or does not exist.
const discoveryHeadStart = 300 * time.Millisecond

// SignIn opens the person's browser at the IdP and returns the grant of their sign-in. It stops when ctx ends. Errors:
// *UnansweredError if ctx had a deadline, *IdPError, *IssuerMismatchError, *PortInUseError, *StatusError, *ClockError,
// *UnsupportedAlgError, ErrNoDiscovery, ErrOtherSignIn, identity.ErrNoIDToken.
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
	flow, cancel := context.WithCancel(ctx)
	defer cancel()
	events := &notifier{notify: l.Notify}
	defer events.stop()
	idp := l.newIssuer(flow, events, fresh) // a cached document does not show whether the IdP can be reached
	idp.prefetchKeys(flow)
	if err := idp.discovery.errWithin(flow, discoveryHeadStart); err != nil {
		port.close()
		return identity.Grant{}, err
	}
	pages := newSignInPages(port, l.ClientID, events.send)
	pages.authURL = func(ctx context.Context) (string, error) {
		m, err := idp.discovery.wait(ctx)
		if err != nil {
			return "", err
		}
		return l.authURL(m, pages.request), nil
	}
	pages.serve(pages)

	go l.openBrowser(events, pages.pageServer, BrowserOpening{StartURL: port.startURL(), Host: hostOf(l.Issuer)})
	grant, err := l.awaitGrant(flow, idp, pages)
	if other := l.otherThanHinted(grant.ID.Claims); err == nil && other != nil {
		events.send(Warning{Err: other})
	}
	o := outcome{user: displayName(grant.ID.Claims), profile: l.Profile, host: hostOf(l.Issuer), err: err}
	if err == nil && l.Tab != nil {
		l.Tab.serveLastPage(pages, o)
		return grant, nil
	}
	pages.settle(o)
	pages.awaitLastPage(ctx)
	pages.close()
	return grant, err
}

// openBrowser runs in a goroutine of its own: some launchers return only when the browser closes. If no browser can be
// opened here, the person may open the page through a relay.
func (l *Login) openBrowser(events *notifier, pages *pageServer, e BrowserOpening) {
	if l.Open == nil {
		pages.relayed.Store(true)
	}
	events.send(e)
	if l.Open == nil {
		return
	}
	if err := l.Open(e.StartURL); err != nil {
		pages.relayed.Store(true)
		events.send(BrowserFailed{Err: err})
	}
}

func (l *Login) awaitGrant(ctx context.Context, idp *issuer, pages *signInPages) (identity.Grant, error) {
	response, err := pages.wait(ctx, idp.discovery)
	if err != nil {
		return identity.Grant{}, err
	}
	return idp.complete(ctx, pages.request, response)
}

// otherThanHinted returns a warning if the token names another user than LoginHint. There is none if the token has only
// the subject, because any string can be a subject.
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
	return fmt.Errorf("you signed in as %s, but login_hint is %s", sanitize.Short(named, maxDescription), sanitize.Short(l.LoginHint, maxDescription))
}

// displayName is the name of the signed-in user for people: the email address or the subject.
func displayName(c identity.Claims) string {
	return sanitize.Short(cmp.Or(c.Email, c.Subject), maxDescription)
}
