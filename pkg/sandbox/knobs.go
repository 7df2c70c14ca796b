package sandbox

import (
	"io"
	"net/http"
	"time"
)

// Knobs make the IdP misbehave, or behave as some other IdP does. The zero value of each is good
// behaviour (TokenLife starts at an hour). IdP.Set turns them, at any time.
type Knobs struct {
	AutoSignIn string        // the user who signs in at once, without a page
	TokenLife  time.Duration // of ID and access tokens
	ClockOff   time.Duration // how far the IdP's clock is ahead, its Date header included
	Date       string        // the Date header of every answer, in place of the IdP's clock
	Delay      time.Duration // of every answer

	// Odd has members of the wrong type wherever they are optional: in the discovery document, the keys and the
	// ID token. What the sandbox's own AWS fetches is spared, for nobody knows what AWS makes of it.
	Odd bool

	// SingleSignOn lets a person in without the page who is signed in already (prompt and max_age
	// permitting), as Okta and Keycloak do. Otherwise the page shows who that is.
	SingleSignOn bool

	// Discovery and keys.
	DiscoveryStatus int  // the HTTP status of an answer that is no JSON, such as 503
	KeysStatus      int  // likewise, of the keys
	NoOfflineAccess bool // the scope is not announced; access_type=offline still works (Google)
	NoPrompts       bool // no prompt_values_supported are announced
	NoRevocation    bool // no revocation endpoint is announced
	NoDeviceFlow    bool // no device_authorization_endpoint is announced
	NoEndSession    bool // no end_session_endpoint is announced

	// The way back from the browser.
	Error            string // answered as error= instead of a code, and to a device that polls
	ErrorDescription string
	WrongState       bool
	WrongIss         bool // the iss parameter of RFC 9207 names another issuer
	MissingIss       bool // it is announced and not sent
	NoIssAdvertised  bool // it is neither announced nor sent
	RefuseScope      string // a scope that is announced and refused, with invalid_scope
	Silent           bool // the browser never gets an answer

	// The ID token.
	Alg              string // ES256, EdDSA, PS256, …; "" is RS256
	AlgNone          bool   // unsigned
	WrongKey         bool   // signed by a key that was never published
	WrongNonce       bool
	WrongAudience    bool
	WrongIssuer      bool
	WrongAtHash      bool
	Expired          bool   // an hour ago
	ExtraAudience    bool   // a second audience and no azp
	WrongAzp         bool   // a second audience and the azp of another client
	RefreshSubject   string // the sub of tokens that were renewed
	RefreshNoIDToken bool   // a renewal answers without an ID token
	NoIDToken        bool

	// The token endpoint.
	NoRefreshToken     bool
	NoRotation         bool   // renewing keeps the refresh token and answers none
	TokenStatus        int    // the HTTP status of an answer that is no JSON, such as 503
	TokenError         string // an OAuth error such as invalid_grant, with status 400
	BareAnswer         bool   // success as text/plain, without access_token, with a fractional expires_in (Azure AD B2C and others)
	RefreshAnswer      Answer // if it has a Status, every refresh request gets it
	RefreshNeedsOpenID bool   // an ID token comes only if the refresh request's scope has openid (Microsoft)
	RefreshScopeError  string // the OAuth error that a refresh request with a scope gets, with status 400

	// The device flow; 0 is the usual.
	DeviceLife   time.Duration // how long a device may wait; usually ten minutes
	PollInterval time.Duration // how often it may ask, in whole seconds; usually five
}

// Answer is an HTTP answer word for word.
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
