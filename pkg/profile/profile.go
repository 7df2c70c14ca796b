// Package profile loads and validates daypass's configuration.
//
// Load merges a profile of config.toml, the DAYPASS_… variables and the flags, and checks the result as a whole, so that
// errors are found before a browser opens. A loaded Profile is never changed. The table of keys, Keys, is used by the
// parser, the flags, the variables and the man page.
package profile

import (
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// Profile is a validated configuration: the sign-in, the role or identity pool, and the place for uploads.
type Profile struct {
	// Name is empty if the profile consists of flags and variables only.
	Name   string
	Region string
	SignIn SignIn
	// Agent says whether a background process may cache credentials.
	Agent bool
	// CABundle is a PEM file of additional certificate authorities, or empty.
	CABundle     string
	Login        Login
	Role         Role
	IdentityPool IdentityPool
	Upload       Upload
	Endpoints    Endpoints
	// File is the configuration file that was read, or empty.
	File string
	// Profiles is the number of profiles in File.
	Profiles int
	// Warnings are problems that do not prevent the profile's use: *ExposedError.
	Warnings []error

	origins map[string]origin
}

// Origin says where the value of a key ("role.arn") comes from: "config.toml:12:3", "--issuer",
// "DAYPASS_ISSUER", "preset google", or "" for a default.
func (p Profile) Origin(key string) string { return p.origins[key].String() }

// SignIn says when a sign-in may open a browser on behalf of an SDK.
type SignIn string

const (
	SignInAuto   SignIn = "auto"   // if there is a terminal or a display
	SignInAlways SignIn = "always" // in any case
	SignInNever  SignIn = "never"  // never: exit code 4 instead
)

// Login is how a person signs in at an identity provider.
type Login struct {
	// Name is the name of the shared [login.NAME] table, or empty.
	Name, Preset, Issuer, ClientID string
	// ClientSecret is empty for a public client (RFC 8252 §8.4).
	ClientSecret secret.String
	LoginHint    string
	Scopes       []string
	// OfflineAccess requests offline_access as well, if the identity provider supports it. It is set if no scopes are.
	OfflineAccess bool
	// Prompt is the prompt parameter of authorization requests, and AgainPrompt that of login --again; "" means the
	// sign-in's default.
	Prompt, AgainPrompt string
	// RedirectURIs are tried in order; none means any free port of 127.0.0.1.
	RedirectURIs []string
	// Method is "browser", the only one so far.
	Method string
	// AuthParams are the preset's additional parameters of the authorization request.
	AuthParams map[string]string
	// EndSessionForm says that the ID token is sent to the end-session endpoint in a form (POST).
	EndSessionForm bool
	// ConsentForRefresh says that prompt=consent is sent if there is no refresh token.
	ConsentForRefresh bool
}

// Role is the role to assume through STS. ARN is empty if there is none.
type Role struct {
	ARN string
	// SessionName is the template of the session name; the zero Template means {email}, or {sub} without an e-mail address.
	SessionName identity.Template
	// Duration is 0 for the role's default.
	Duration time.Duration
	// Policy is a session policy in JSON, or empty.
	Policy     string
	PolicyARNs []string
}

// IdentityPool is the Cognito identity pool. ID is empty if there is none.
type IdentityPool struct {
	ID string
	// Flow is "enhanced", the only one so far.
	Flow string
	// Guest says to use the pool without a sign-in; Login is zero then.
	Guest bool
}

// Region returns the pool's region, the part of the ID before the colon.
func (p IdentityPool) Region() string {
	region, _, _ := strings.Cut(p.ID, ":")
	return region
}

// Upload is the place for uploads. Bucket is empty if there is none.
type Upload struct {
	Bucket string
	// Prefix ends in a slash and may use {sub}, {userid} and {identity_id}.
	Prefix identity.Template
}

// Endpoints are base URLs to use instead of AWS's; empty means AWS's.
type Endpoints struct {
	STS, S3, CognitoIdentity string
	// PathStyle puts the bucket's name into the URL's path instead of its host.
	PathStyle       bool
	FIPS, DualStack bool
}
