package remedy

import "strconv"

// Exit codes: what a script may rely on.
const (
	// ExitDone says that all was done.
	ExitDone = 0
	// ExitFailed says that it failed, for a reason that has no code of its own.
	ExitFailed = 1
	// ExitUsage says that the command line or the profile cannot be right.
	ExitUsage = 2
	// ExitPartly says that some files were uploaded and some were not.
	ExitPartly = 3
	// ExitSignInNeeded says that a person must sign in, and could not be asked to here.
	ExitSignInNeeded = 4
	// ExitRefused says that the IdP or AWS understood and refused.
	ExitRefused = 5
	// ExitInterrupted says that a signal ended it.
	ExitInterrupted = 130
)

// ExitCode is an exit code and what it means, for a reference page.
type ExitCode struct{ Number, Meaning string }

// ExitCodes lists all of them, in order.
func ExitCodes() []ExitCode {
	return []ExitCode{
		{strconv.Itoa(ExitDone), "All was done."},
		{strconv.Itoa(ExitFailed), "It failed, for a reason that has no code of its own."},
		{strconv.Itoa(ExitUsage), "The command line or the profile cannot be right."},
		{strconv.Itoa(ExitPartly), "Some files were uploaded and some were not."},
		{strconv.Itoa(ExitSignInNeeded), "A person must sign in, and could not be asked to here."},
		{strconv.Itoa(ExitRefused), "The identity provider or AWS refused."},
		{strconv.Itoa(ExitInterrupted), "A signal ended it."},
	}
}
