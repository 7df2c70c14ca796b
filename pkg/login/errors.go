package login

import (
	"errors"
	"fmt"

	"github.com/daypass/daypass/pkg/plain"
)

var (
	// ErrUnanswered says that the person did not come back from the browser in time.
	ErrUnanswered = errors.New("nobody signed in")
	// ErrNoRevocation says that the IdP has no revocation endpoint (RFC 7009).
	ErrNoRevocation = errors.New("the IdP does not offer to revoke tokens")
)

// IdPError is an error that the IdP told in the protocol's own words (RFC 6749 §4.1.2.1, §5.2), freed
// of control characters and cut to a length fit to print.
type IdPError struct{ Code, Description string }

// Error says what the IdP said.
func (e *IdPError) Error() string {
	if e.Description == "" {
		return "the IdP says " + e.Code
	}
	return "the IdP says " + e.Code + ": " + e.Description
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
	return &IdPError{Code: plain.Short(code, maxCode), Description: plain.Short(description, maxDescription)}
}
