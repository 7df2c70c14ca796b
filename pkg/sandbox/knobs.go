package sandbox

import (
	"io"
	"net/http"
	"time"
)

// Knobs make the IdP misbehave, or behave as another IdP does. The zero value of each is correct behavior (TokenLife
// has a default of one hour). IdP.Set changes them at any time.
type Knobs struct {
	AutoSignIn string        // the user who signs in at once, without a page
	TokenLife  time.Duration // the lifetime of ID and access tokens
	ClockOff   time.Duration // how far the IdP's clock and Date header are ahead
	Date       string        // the Date header of every response, instead of the IdP's clock
	Delay      time.Duration // added to the time of every response

	// Odd gives optional members of the discovery document, the keys and the ID token a wrong type. The sandbox's own
	// AWS receives correct ones, because AWS's reaction to them is not known.
	Odd bool

	// SingleSignOn signs in without a page a user who is signed in already (if prompt and max_age permit), as Okta
	// and Keycloak do. Otherwise the page shows who is signed in.
	SingleSignOn bool

	// Discovery and keys.
	DiscoveryStatus int  // the HTTP status of a response that is not JSON, such as 503
	KeysStatus      int  // the same for the keys
	NoOfflineAccess bool // the scope offline_access is not announced; access_type=offline still works (Google)
	NoPrompts       bool // prompt_values_supported is not announced
	NoRevocation    bool // the revocation endpoint is not announced
	NoDeviceFlow    bool // device_authorization_endpoint is not announced
	NoEndSession    bool // end_session_endpoint is not announced

	// The authorization response.
	Error            string // sent as error= instead of a code, and to a device that polls
	ErrorDescription string
	WrongState       bool
	WrongIss         bool   // the iss parameter of RFC 9207 names another issuer
	MissingIss       bool   // iss is announced but not sent
	NoIssAdvertised  bool   // iss is neither announced nor sent
	RefuseScope      string // a scope that is announced but refused with invalid_scope
	Silent           bool   // the browser never gets a response

	// The ID token.
	Alg              string // ES256, EdDSA, PS256, …; "" means RS256
	AlgNone          bool   // unsigned
	WrongKey         bool   // signed with a key that was never published
	WrongNonce       bool
	WrongAudience    bool
	WrongIssuer      bool
	WrongAtHash      bool
	Expired          bool   // an hour ago
	ExtraAudience    bool   // a second audience, without azp
	WrongAzp         bool   // a second audience, with the azp of another client
	RefreshSubject   string // the sub of refreshed tokens
	RefreshNoIDToken bool   // a refresh response has no ID token
	NoIDToken        bool   // no response has an ID token

	// The token endpoint.
	NoRefreshToken     bool   // no refresh token is issued
	NoRotation         bool   // a refresh response has no new refresh token; the old one stays valid
	TokenStatus        int    // the HTTP status of a response that is not JSON, such as 503
	TokenError         string // an OAuth error such as invalid_grant, with status 400
	BareAnswer         bool   // success as text/plain, without access_token, with a fractional expires_in (Azure AD B2C and others)
	RefreshAnswer      Answer // if it has a Status, the response to every refresh request
	RefreshNeedsOpenID bool   // a refresh response has an ID token only if the request's scope has openid (Microsoft)
	RefreshScopeError  string // the OAuth error for a refresh request with a scope, with status 400

	// The device flow. 0 means the default.
	DeviceLife   time.Duration // how long a device may wait; default ten minutes
	PollInterval time.Duration // how often it may ask, in whole seconds; default five
}

// Answer is a complete HTTP response.
type Answer struct {
	Status            int
	ContentType, Body string
}

func (a Answer) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", a.ContentType)
	w.WriteHeader(a.Status)
	io.WriteString(w, a.Body)
}

// Set changes knobs: idp.Set(func(k *sandbox.Knobs) { k.WrongNonce = true }).
func (p *IdP) Set(change func(*Knobs)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.knobs)
}

func (p *IdP) currentKnobs() Knobs {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.knobs
}
