package login

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

var (
	// ErrNoRevocation says that the IdP has no revocation endpoint (RFC 7009).
	ErrNoRevocation = errors.New("the identity provider does not offer to revoke tokens")
	// ErrNoEndSession says that the IdP has no end-session endpoint (OpenID Connect RP-Initiated Logout §2.1).
	ErrNoEndSession = errors.New("the identity provider does not offer to end sessions")
	// ErrOtherSignIn says that an ID token has another nonce than was sent (OpenID Connect Core §3.1.3.7).
	ErrOtherSignIn = errors.New("its nonce is not that of this sign-in")
	// ErrNoDiscovery says that what answered has no discovery document (OpenID Connect Discovery §4).
	ErrNoDiscovery = errors.New("it is not a JSON object of OpenID Connect Discovery")
)

// UnansweredError says that the person did not come back from the browser in time, and what the IdP
// had been asked with: of an unknown client or redirect URI it tells the browser alone.
type UnansweredError struct {
	ClientID, RedirectURI string
	Waited                time.Duration
	// Elsewhere says that an answer came, in another browser than the sign-in began in.
	Elsewhere bool
	Err       error
}

// Error says how long the wait was.
func (e *UnansweredError) Error() string { return fmt.Sprintf("nobody came back within %s", e.Waited) }

// Unwrap returns how the wait ended.
func (e *UnansweredError) Unwrap() error { return e.Err }

// PortInUseError says that each redirect URI names a port, and that others have them all.
type PortInUseError struct{ Ports []string }

// Error names the ports.
func (e *PortInUseError) Error() string {
	if len(e.Ports) == 1 {
		return "port " + e.Ports[0] + " is in use"
	}
	return "ports " + strings.Join(e.Ports, " and ") + " are in use"
}

// StatusError is an answer of the IdP that is none, by its HTTP status. The URL has no query.
type StatusError struct {
	Status int
	URL    string
}

// Error gives the status and the host.
func (e *StatusError) Error() string { return fmt.Sprintf("HTTP %d from %s", e.Status, hostOf(e.URL)) }

// IdPError is an error that the IdP told in the protocol's own words (RFC 6749 §4.1.2.1, §5.2), freed
// of control characters and cut to a length fit to print.
type IdPError struct {
	Code, Description string
	// Scopes are those of the authorization request, where the error is of a sign-in.
	Scopes []string
}

// Error says what the IdP said.
func (e *IdPError) Error() string {
	if e.Description == "" {
		return "the identity provider says " + e.Code
	}
	return "the identity provider says " + e.Code + ": " + e.Description
}

// ClockError is an ID token that has expired or, where Early is set, is not valid yet.
type ClockError struct {
	// At is the time in the token, Now the clock here.
	At, Now time.Time
	// IdP is the identity provider's clock, as its Date header tells it; zero where that agrees with Now.
	IdP   time.Time
	Early bool
}

// Error gives every clock.
func (e *ClockError) Error() string {
	what, utc := "it expired at", func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	if e.Early {
		what = "it is not valid before"
	}
	text := fmt.Sprintf("%s %s and the clock here says %s", what, utc(e.At), utc(e.Now))
	if !e.IdP.IsZero() {
		text += ", the identity provider's " + utc(e.IdP)
	}
	return text
}

// IssuerMismatchError says that the discovery document names another issuer than the profile, be it
// only by a slash at the end. AWS compares the two byte by byte, and so does daypass.
type IssuerMismatchError struct{ Configured, Advertised string }

// Error gives both spellings.
func (e *IssuerMismatchError) Error() string {
	return fmt.Sprintf("the issuer is configured as %q and calls itself %q", e.Configured, e.Advertised)
}

// UnsupportedAlgError says that the IdP signs ID tokens with an algorithm that STS does not take.
type UnsupportedAlgError struct{ Alg string }

// Error names the algorithm and what would do.
func (e *UnsupportedAlgError) Error() string {
	return fmt.Sprintf("the ID token is signed with %q, AWS takes RS256, RS384, RS512, ES256, ES384 and ES512", e.Alg)
}

const (
	maxCode        = 64
	maxDescription = 300
)

func newIdPError(code, description string) *IdPError {
	return &IdPError{Code: sanitize.Short(code, maxCode), Description: sanitize.Short(description, maxDescription)}
}
