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
	ErrNoRevocation = errors.New("the identity provider has no revocation endpoint")
	// ErrNoEndSession says that the IdP has no end-session endpoint (OpenID Connect RP-Initiated Logout §2.1).
	ErrNoEndSession = errors.New("the identity provider has no end-session endpoint")
	// ErrOtherSignIn says that an ID token has another nonce than the request (OpenID Connect Core §3.1.3.7).
	ErrOtherSignIn = errors.New("its nonce is from another sign-in")
	// ErrNoDiscovery says that the server has no discovery document (OpenID Connect Discovery §4).
	ErrNoDiscovery = errors.New("the response is not an OpenID Connect discovery document")
)

// UnansweredError says that the browser did not come back in time. It contains what the request sent: the IdP reports an
// unknown client or redirect URI only in the browser.
type UnansweredError struct {
	ClientID, RedirectURI string
	Waited                time.Duration
	// Elsewhere says that a response came in another browser than the one where the sign-in began.
	Elsewhere bool
	Err       error
}

// Error says how long the sign-in waited.
func (e *UnansweredError) Error() string {
	return "timed out after " + span(e.Waited) + " without a response in the browser"
}

// Unwrap returns why the wait ended.
func (e *UnansweredError) Unwrap() error { return e.Err }

// PortInUseError says that each redirect URI names a port, and that other processes use all of them.
type PortInUseError struct{ Ports []string }

// Error names the ports.
func (e *PortInUseError) Error() string {
	if len(e.Ports) == 1 {
		return "port " + e.Ports[0] + " is in use"
	}
	return "ports " + strings.Join(e.Ports, " and ") + " are in use"
}

// StatusError is an unexpected HTTP status. The URL has no query.
type StatusError struct {
	Status int
	URL    string
}

// Error names the status and the host.
func (e *StatusError) Error() string { return fmt.Sprintf("HTTP %d from %s", e.Status, hostOf(e.URL)) }

// IdPError is an error response of the IdP (RFC 6749 §4.1.2.1, §5.2). Its texts are sanitized and shortened.
type IdPError struct {
	Code, Description string
	// Scopes are those of the authorization request, if the error is from a sign-in.
	Scopes []string
}

// Error contains the code and the description.
func (e *IdPError) Error() string {
	if e.Description == "" {
		return "the identity provider says " + e.Code
	}
	return "the identity provider says " + e.Code + ": " + e.Description
}

// ClockError says that an ID token has expired or, if Early is set, is not valid yet.
type ClockError struct {
	// At is the time in the token, Now the local clock.
	At, Now time.Time
	// IdP is the identity provider's clock, from its Date header; zero if it agrees with Now.
	IdP   time.Time
	Early bool
	// Cut says that IdP differs from Now by more than is corrected.
	Cut bool
}

// Error says by how much the token is too old or too new, by the clock that it was checked with.
func (e *ClockError) Error() string {
	clock, whose := e.Now, ""
	switch {
	case e.Cut:
		ahead := e.IdP.Sub(e.Now)
		clock, whose = e.Now.Add(corrected(ahead)), "; "+cutText(ahead)
	case !e.IdP.IsZero() && e.IdP.After(e.At) != e.Early: // otherwise the IdP's clock was not used
		clock, whose = e.IdP, " by the identity provider's clock"
	}
	if e.Early {
		return "it is not valid for another " + span(e.At.Sub(clock)) + whose
	}
	return "it expired " + span(clock.Sub(e.At)) + " ago" + whose
}

// IssuerMismatchError says that the discovery document has another issuer than the profile. A slash at the end is a
// difference too: AWS compares issuers byte by byte, and so does daypass.
type IssuerMismatchError struct{ Configured, Advertised string }

// Error contains both spellings.
func (e *IssuerMismatchError) Error() string {
	return fmt.Sprintf("the configured issuer is %q, but its discovery document says %q", e.Configured, e.Advertised)
}

// UnsupportedAlgError says that the IdP signs ID tokens with an algorithm that STS does not accept.
type UnsupportedAlgError struct{ Alg string }

// Error names the algorithm and the supported ones.
func (e *UnsupportedAlgError) Error() string {
	return fmt.Sprintf("the ID token is signed with %q; AWS accepts RS256, RS384, RS512, ES256, ES384 and ES512", e.Alg)
}

const (
	maxCode        = 64
	maxDescription = 300
)

func newIdPError(code, description string) *IdPError {
	return &IdPError{Code: sanitize.Short(code, maxCode), Description: sanitize.Short(description, maxDescription)}
}

// span formats a duration in one unit, rounded: "58 min", "20 s".
func span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d d", d.Round(24*time.Hour)/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d h", d.Round(time.Hour)/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d min", d.Round(time.Minute)/time.Minute)
	}
	return fmt.Sprintf("%d s", d.Round(time.Second)/time.Second)
}
