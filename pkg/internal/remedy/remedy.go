// Package remedy explains errors: it turns an error into a text for people, evidence, the likely cause, what to try, and an
// exit code.
//
// The causes are tables of rules, one for each source of errors: STS, Cognito identity pools, the IdP, S3, the network
// and daypass itself. The likely cause is a guess, and is presented as one; the evidence allows a person to check it.
package remedy

import (
	"errors"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/exchange"
	"github.com/daypass/daypass/pkg/internal/login"
	"github.com/daypass/daypass/pkg/internal/upload"
)

// Remedy is the explanation of an error.
type Remedy struct {
	// Doing is one line: what was being done, and what happened.
	Doing string
	// Evidence lists the facts, such as the token's claims and the profile's settings.
	Evidence []Line
	// Likely is the probable cause, or "".
	Likely string
	// Compare is what to check, and Try is what to do, such as a command. Each may be "".
	Compare, Try string
	// ExitCode is one of this package's constants.
	ExitCode int
}

// Line is one line of evidence: a sentence, or a value with its name. A line without a label belongs to the line before
// it.
type Line struct{ Label, Text string }

// Known is an error whose remedy another process has found.
type Known struct{ Remedy }

// Error returns the first line of the remedy.
func (k *Known) Error() string { return k.Doing }

// Asked contains the settings of the profile.
type Asked struct {
	Profile, Issuer, ClientID, RoleARN, IdentityPoolID, Region string
	// Flags select this profile on a command line: "--profile", "work".
	Flags []string
}

// For returns the remedy of an error that is not nil. asked may be empty if no profile was loaded.
func For(err error, asked Asked, now time.Time) Remedy {
	if known, ok := errors.AsType[*Known](err); ok {
		return known.Remedy
	}
	if found, ok := remedyForSignIn(err, asked, now); ok {
		return found
	}
	if refused, ok := errors.AsType[*exchange.Error](err); ok {
		return remedyForExchange(refused, asked, now)
	}
	if file, ok := errors.AsType[*upload.Error](err); ok {
		return remedyForUpload(file, asked)
	}
	if denied, ok := errors.AsType[*login.IdPError](err); ok && denied.Code == "access_denied" && !errors.Is(err, broker.ErrSignInNeeded) {
		return remedyForDenied(denied, asked)
	}
	found := adviceFor(err)
	values := askedValues(asked)
	return Remedy{
		Doing: InWords(err), Evidence: signInEvidence(err, now), Likely: values.Replace(found.likely), Compare: values.Replace(found.compare),
		Try: values.Replace(found.try), ExitCode: found.exit,
	}
}

// advice is an entry of the tables. Its texts may contain {issuer}, {host}, {aud}, {client}, {sub}, {role},
// {pool}, {region}, {session}, {duration} and {flags}.
type advice struct {
	likely, compare, try string
	exit                 int
}

// unknown is for errors that no table contains.
var unknown = advice{exit: ExitFailed}

// adviceFor uses the tables that need only the error. A refused refresh request says nothing about a new sign-in, so that
// is worth trying.
func adviceFor(err error) advice {
	found := firstAdvice(err)
	if found.try == "" && isType[*identity.RefusedError](err) {
		found.try = "daypass login{flags}"
	}
	return found
}

// firstAdvice returns the advice of the first table that matches. An error that says what is needed comes before its
// cause.
func firstAdvice(err error) advice {
	for _, table := range []func(error) (advice, bool){adviceForNobody, adviceForOwn, adviceForIdP, adviceForS3, adviceForNetwork} {
		if found, ok := table(err); ok {
			return found
		}
	}
	return unknown
}
