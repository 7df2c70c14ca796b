package remedy

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
	// ExitCannotRun says that the command of exec is there and cannot be run.
	ExitCannotRun = 126
	// ExitNoCommand says that there is no command of that name for exec.
	ExitNoCommand = 127
	// ExitInterrupted says that a signal ended it.
	ExitInterrupted = 130
)

// ExitCode is an exit code and what it means, for a reference page.
type ExitCode struct {
	Number  int
	Meaning string
}

// ExitCodes lists all of them, in order.
func ExitCodes() []ExitCode {
	return []ExitCode{
		{ExitDone, "All was done."},
		{ExitFailed, "It failed, for a reason that has no code of its own."},
		{ExitUsage, "The command line or the profile cannot be right."},
		{ExitPartly, "Some files were uploaded and some were not."},
		{ExitSignInNeeded, "A person must sign in, and could not be asked to here."},
		{ExitRefused, "The identity provider or AWS refused."},
		{ExitCannotRun, "exec: the command cannot be run. Once it runs, the exit code is its own."},
		{ExitNoCommand, "exec: there is no such command."},
		{ExitInterrupted, "A signal ended it."},
	}
}
