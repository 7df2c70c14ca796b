// Package remedy answers: what does this error mean and what helps?
//
// The causes are tables, one for each part that answers: STS, Cognito identity pools, the IdP, S3, the
// network. What is likely is a guess and says so; the evidence beside it lets a person judge.
package remedy

import (
	"errors"
	"time"

	"github.com/daypass/daypass/pkg/exchange"
)

// Remedy is what a person is told of an error.
type Remedy struct {
	// Doing is one line: what was being done, and what came back.
	Doing string
	// Evidence is what the token says beside what the profile says.
	Evidence []Line
	// Likely is the probable cause, "" where none is known.
	Likely string
	// Compare is a command to run, or a place to look at, that helps; "" if there is none.
	Compare string
	// ExitCode is one of this package's constants.
	ExitCode int
}

// Line is one line of evidence. One that goes on with the line before it has no label.
type Line struct{ Label, Text string }

// Asked is what the profile says.
type Asked struct{ Profile, Issuer, ClientID, RoleARN, IdentityPoolID, Region string }

// For tells what helps against err, which is not nil; asked may be empty where no profile was read.
func For(err error, asked Asked, now time.Time) Remedy {
	if refused, ok := errors.AsType[*exchange.Error](err); ok {
		return forExchange(refused, asked, now)
	}
	found := adviceFor(err)
	values := askedValues(asked)
	return Remedy{
		Doing: err.Error(), Likely: values.Replace(found.likely), Compare: values.Replace(found.compare),
		ExitCode: found.exit,
	}
}

// advice is what the tables hold. Its texts may name {issuer}, {host}, {aud}, {sub}, {role}, {pool},
// {region}, {session} and {duration}.
type advice struct {
	likely, compare string
	exit            int
}

// unknown is for errors that no table has.
var unknown = advice{exit: ExitFailed}

// adviceFor looks through the tables that need no more than the error itself. What is needed in the end
// comes before why it came to that.
func adviceFor(err error) advice {
	for _, table := range []func(error) (advice, bool){known, ofIdP, ofS3, ofNetwork} {
		if found, ok := table(err); ok {
			return found
		}
	}
	return unknown
}
