package sandbox

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/daypass/daypass/pkg/secret"
)

// Client is an application registered at the IdP.
type Client struct {
	ID     string
	Secret secret.String // required at the token endpoint if set
	// RedirectURIs must match exactly. If there are none, any loopback address with any port and path matches (RFC
	// 8252 §7.3).
	RedirectURIs []string
	// PostLogoutRedirectURIs must match exactly too. If there are none, the rule of RedirectURIs applies (OpenID
	// Connect RP-Initiated Logout §3).
	PostLogoutRedirectURIs []string
}

// The clients that an IdP has by default.
const (
	nativeClientID = "daypass"        // public; any port and path on loopback
	exactClientID  = "daypass-exact"  // public; exactRedirectURI only
	secretClientID = "daypass-secret" // any port and path on loopback; demandedSecret is required at the token endpoint
)

// The redirect URI of exactClientID and the secret of secretClientID.
const (
	exactRedirectURI = "http://localhost:8400/callback"
	demandedSecret   = "sandbox-secret-that-is-none"
)

// nativeClient returns a public client that may use any port and path on loopback, as RFC 8252 §7.3 requires.
func nativeClient(id string) Client { return Client{ID: id} }

// exactClient returns a public client whose redirect URIs must match exactly, including the port, as at Cognito, Okta
// and Auth0.
func exactClient(id string, redirectURIs ...string) Client {
	return Client{ID: id, RedirectURIs: redirectURIs}
}

// secretClient returns a native client that must send a secret, as Google's desktop apps must. Without it the token
// endpoint answers «client_secret is missing».
func secretClient(id string, clientSecret secret.String) Client {
	return Client{ID: id, Secret: clientSecret}
}

func defaultClients() map[string]Client {
	clients := map[string]Client{}
	for _, c := range []Client{
		nativeClient(nativeClientID),
		exactClient(exactClientID, exactRedirectURI),
		secretClient(secretClientID, secret.New(demandedSecret)),
	} {
		clients[c.ID] = c
	}
	return clients
}

// mayReturnTo reports whether the client may use the redirect URI.
func (c Client) mayReturnTo(redirectURI string) bool {
	if len(c.RedirectURIs) > 0 {
		return slices.Contains(c.RedirectURIs, redirectURI)
	}
	return isLoopback(redirectURI)
}

// faultOfReturn says why the client or its redirect URI is not acceptable. Then the IdP must not redirect (RFC 6749
// §4.1.2.1).
func faultOfReturn(clients map[string]Client, form url.Values) string {
	id, uri := form.Get("client_id"), form.Get("redirect_uri")
	client, known := clients[id]
	switch {
	case !known:
		return fmt.Sprintf("The client_id %q is unknown here. Known: %s.", id, strings.Join(slices.Sorted(maps.Keys(clients)), ", "))
	case !client.mayReturnTo(uri) && len(client.RedirectURIs) > 0:
		return fmt.Sprintf("The redirect_uri %q is not registered for the client %s. Registered: %s.",
			withoutQuery(uri), id, strings.Join(client.RedirectURIs, ", "))
	case !client.mayReturnTo(uri):
		return fmt.Sprintf("The redirect_uri %q is not an http address on loopback, which the client %s must use.", withoutQuery(uri), id)
	}
	return ""
}

// withoutQuery removes the query, which a log must not contain.
func withoutQuery(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return "(unreadable)"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// mayLeaveTo reports whether the client may use the post_logout_redirect_uri.
func (c Client) mayLeaveTo(uri string) bool {
	if len(c.PostLogoutRedirectURIs) > 0 || len(c.RedirectURIs) > 0 {
		return slices.Contains(c.PostLogoutRedirectURIs, uri)
	}
	return isLoopback(uri)
}

func isLoopback(uri string) bool {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "http" || u.User != nil || u.Fragment != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip.Equal(net.IPv4(127, 0, 0, 1)) || ip.Equal(net.IPv6loopback)
}
