// Package login signs a person in at an identity provider (IdP) in their browser, and refreshes, revokes and ends the
// sign-in later.
//
// SignIn runs the authorization code flow with PKCE over a loopback redirect (RFC 8252, RFC 7636, RFC 9700):
//
//  1. Bind the port of the redirect URI (port.go), and fetch discovery and the signing keys in the background.
//  2. Serve the sign-in's pages there (loopback.go, signinpages.go) and open the browser at the start page, which
//     redirects to the IdP (authcode.go).
//  3. Wait for the IdP to send the browser back to the redirect URI. Redeem the code in the response (authcode.go,
//     token.go) and verify the ID token (verify.go, signature.go, keys.go; OpenID Connect Core §3.1.3.7).
//  4. Show the outcome on the last page (page.go, tab.go).
//
// Renew and Revoke use the refresh token (RFC 6749 §6, RFC 7009); EndSession opens the IdP's sign-out page. The package
// stores nothing: grants are for the caller to store, and public documents of the IdP go to the caller's Cache.
package login

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

// Login signs a person in at one issuer. Several goroutines may use it at the same time if none changes its fields.
type Login struct {
	// Issuer is the IdP's URL, spelled as in its discovery document.
	Issuer   string
	ClientID string
	// ClientSecret is empty for a public client.
	ClientSecret secret.String
	// Scopes are the scopes to request. openid is always added. offline_access is added if OfflineAccess is set and the
	// IdP advertises it.
	Scopes        []string
	OfflineAccess bool
	// RedirectURIs are tried in order; the first one whose port is free is used. The host is 127.0.0.1, [::1] or
	// localhost. A URI without a port uses any free port. The default is http://127.0.0.1/callback.
	RedirectURIs []string
	// LoginHint is the person's account at the IdP (OpenID Connect Core §3.1.2.1), or "".
	LoginHint string
	// AuthParams are additional parameters of the authorization request, such as access_type=offline.
	AuthParams map[string]string
	// Prompt is the parameter of that name (OpenID Connect Core §3.1.2.1), or "".
	Prompt string
	// ConsentForRefresh requests consent again (prompt=consent): some IdPs issue a refresh token only then.
	ConsentForRefresh bool
	// Again makes the IdP prompt the person even if a session exists there: with Prompt, else with AgainPrompt, else with
	// what the IdP advertises.
	Again       bool
	AgainPrompt string

	// EndSessionForm makes EndSession post the ID token in a form, for IdPs that require it.
	EndSessionForm bool

	// HTTPClient connects to the IdP; nil means http.DefaultClient. Response size, time and redirects are limited
	// in addition.
	HTTPClient *http.Client
	// Open opens a URL in the person's browser. It may block. Its error is reported to Notify and the sign-in continues,
	// because the person may open the URL by hand. If Open is nil, only Notify receives the URL.
	Open func(url string) error
	// Notify receives one event at a time; it may be nil.
	Notify func(Event)
	// Step receives details for verbose output, never a secret; it may be nil. Several goroutines may call it at the same
	// time.
	Step func(step string)
	// Now returns the current time; nil means time.Now.
	Now func() time.Time
	// Tab shows on the last page what AWS does with the grant. If it is nil, SignIn shows a page that names the user and
	// waits for it.
	Tab *Tab
	// Profile is shown on the last page, or "".
	Profile string
	// Cache stores discovery and JWKS between processes; it may be nil.
	Cache Cache
}

// Cache stores public documents of the IdP. Its errors are reported as a Warning and do not fail the sign-in.
type Cache interface {
	// Get returns nil, nil if there is no such document.
	Get(ctx context.Context, key string) ([]byte, error)
	Put(ctx context.Context, key string, value []byte, until time.Time) error
}

// check reports invalid settings before any request is sent.
func (l *Login) check() error {
	if err := secureURL("issuer", l.Issuer); err != nil {
		return err
	}
	if u, err := url.Parse(l.Issuer); err != nil || u.RawQuery != "" {
		return errors.New("the issuer must be a URL without a query (OpenID Connect Discovery §3)")
	}
	if l.ClientID == "" {
		return errors.New("the client ID is missing")
	}
	for name := range l.AuthParams {
		if isReservedParam(name) {
			return fmt.Errorf("the authorization parameter %q is reserved and cannot be set", name)
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
