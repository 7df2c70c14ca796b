// Package remedy answers: what does this error mean and what helps?
//
// The causes are tables, one for each part that answers: STS, Cognito identity pools, the IdP, S3, the
// network. What is likely is a guess and says so; the evidence beside it lets a person judge.
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

// Remedy is what a person is told of an error.
type Remedy struct {
	// Doing is one line: what was being done, and what came back.
	Doing string
	// Evidence is what the token says beside what the profile says.
	Evidence []Line
	// Likely is the probable cause, "" where none is known.
	Likely string
	// Compare is what to look at, and Try what to do, a command perhaps; "" where there is none.
	Compare, Try string
	// ExitCode is one of this package's constants.
	ExitCode int
}

// Line is one line of evidence: a sentence, or one value with its name. One that goes on with the line
// before it has no label.
type Line struct{ Label, Text string }

// Known is an error whose remedy was found already, in another process.
type Known struct{ Remedy }

// Error is its first line.
func (k *Known) Error() string { return k.Doing }

// Asked is what the profile says.
type Asked struct {
	Profile, Issuer, ClientID, RoleARN, IdentityPoolID, Region string
	// Flags are what a command must repeat to speak of this profile: "--profile", "work".
	Flags []string
}

// For tells what helps against err, which is not nil; asked may be empty where no profile was read.
func For(err error, asked Asked, now time.Time) Remedy {
	if known, ok := errors.AsType[*Known](err); ok {
		return known.Remedy
	}
	if found, ok := forSignIn(err, asked, now); ok {
		return found
	}
	if refused, ok := errors.AsType[*exchange.Error](err); ok {
		return forExchange(refused, asked, now)
	}
	if file, ok := errors.AsType[*upload.Error](err); ok {
		return forUpload(file, asked)
	}
	if denied, ok := errors.AsType[*login.IdPError](err); ok && denied.Code == "access_denied" && !errors.Is(err, broker.ErrSignInNeeded) {
		return forDenied(denied, asked)
	}
	found := adviceFor(err)
	values := askedValues(asked)
	return Remedy{
		Doing: InWords(err), Evidence: signInEvidence(err, now), Likely: values.Replace(found.likely), Compare: values.Replace(found.compare),
		Try: values.Replace(found.try), ExitCode: found.exit,
	}
}

// advice is what the tables hold. Its texts may name {issuer}, {host}, {aud}, {client}, {sub}, {role},
// {pool}, {region}, {session}, {duration} and {flags}.
type advice struct {
	likely, compare, try string
	exit                 int
}

// unknown is for errors that no table has.
var unknown = advice{exit: ExitFailed}

// adviceFor looks through the tables that need no more than the error itself. A refused renewal says nothing
// of a new sign-in, so that is worth trying.
func adviceFor(err error) advice {
	found := inTables(err)
	if found.try == "" && isType[*identity.RefusedError](err) {
		found.try = "daypass login{flags}"
	}
	return found
}

// inTables returns the first table's advice. What is needed in the end comes before why it came to that.
func inTables(err error) advice {
	for _, table := range []func(error) (advice, bool){ofNobody, known, ofIdP, ofS3, ofNetwork} {
		if found, ok := table(err); ok {
			return found
		}
	}
	return unknown
}
