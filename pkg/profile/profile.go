// Package profile answers: what did the user ask for?
//
// Load reads config.toml, lays DAYPASS_… variables over it and flags over those, and checks the
// chosen profile as a whole, so that what cannot be right is refused before any browser opens. What
// comes out is never changed again. One table, Keys, drives the parser, the flags, the variables and
// the man page.
package profile

import (
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// Profile is one validated set of wishes: who signs in, what they become, where their files go.
type Profile struct {
	// Name is empty when everything came from flags and variables.
	Name   string
	Region string
	SignIn SignIn
	// Agent says whether a background process may keep credentials.
	Agent bool
	// CABundle is a PEM file of further certificate authorities, or empty.
	CABundle     string
	Login        Login
	Role         Role
	IdentityPool IdentityPool
	Upload       Upload
	Endpoints    Endpoints
	// File is the configuration file that was read, or empty.
	File string
	// Profiles is how many that file has.
	Profiles int
	// Warnings are what should be mended and is no reason to stop: *ExposedError.
	Warnings []error

	origins map[string]origin
}

// Origin says where the value of a key ("role.arn") comes from: "config.toml:12:3", "--issuer",
// "DAYPASS_ISSUER", "preset google", or "" for a default.
func (p Profile) Origin(key string) string { return p.origins[key].String() }

// SignIn says when a browser may be opened under an SDK.
type SignIn string

const (
	SignInAuto   SignIn = "auto"   // when somebody can see it
	SignInAlways SignIn = "always" // without looking
	SignInNever  SignIn = "never"  // not at all: exit code 4 instead
)

// Login is how a person signs in at an identity provider.
type Login struct {
	// Name is that of the shared [login.NAME] table, or empty.
	Name, Preset, Issuer, ClientID string
	// ClientSecret is empty for a public client (RFC 8252 §8.4).
	ClientSecret secret.String
	LoginHint    string
	Scopes       []string
	// OfflineAccess asks for offline_access too where the identity provider offers it: nobody named the scopes.
	OfflineAccess bool
	// Prompt is that parameter of every authorization request, AgainPrompt of those that want the person to be
	// asked anew; "" leaves it to the sign-in.
	Prompt, AgainPrompt string
	// RedirectURIs are tried in their order; none means any free port of 127.0.0.1.
	RedirectURIs []string
	// Method is "browser", the only one so far.
	Method string
	// AuthParams are the preset's further parameters of the authorization request.
	AuthParams map[string]string
	// ConsentForRefresh asks for prompt=consent while no refresh token is held.
	ConsentForRefresh bool
}

// Role is what to become through STS. It is there when ARN is.
type Role struct {
	ARN string
	// SessionName without any text stands for the default: the e-mail address, else the subject.
	SessionName identity.Template
	// Duration is not sent when it is 0.
	Duration time.Duration
	// Policy is a session policy in JSON, or empty.
	Policy     string
	PolicyARNs []string
}

// IdentityPool is what to become through Cognito. It is there when ID is.
type IdentityPool struct {
	ID string
	// Flow is "enhanced", the only one so far.
	Flow string
	// Guest enters the pool without any sign-in; there is no Login then.
	Guest bool
}

// Region is the part of the pool's ID before the colon: the only region that knows it.
func (p IdentityPool) Region() string {
	region, _, _ := strings.Cut(p.ID, ":")
	return region
}

// Upload is where files go. It is there when Bucket is.
type Upload struct {
	Bucket string
	// Prefix ends in a slash and may use {sub}, {userid} and {identity_id}.
	Prefix identity.Template
}

// Endpoints are base URLs in place of AWS's own; empty means AWS's own.
type Endpoints struct {
	STS, S3, CognitoIdentity string
	// PathStyle puts the bucket's name into the URL's path rather than its host.
	PathStyle       bool
	FIPS, DualStack bool
}
