package remedy

// The exit codes of daypass. They are stable.
const (
	// ExitDone is success.
	ExitDone = 0
	// ExitFailed is a failure without a code of its own.
	ExitFailed = 1
	// ExitUsage is an invalid command line or profile.
	ExitUsage = 2
	// ExitPartly means that some files were uploaded and some were not.
	ExitPartly = 3
	// ExitSignInNeeded means that a sign-in is required, but was not possible here or did not end in time.
	ExitSignInNeeded = 4
	// ExitRefused means that the IdP or AWS refused.
	ExitRefused = 5
	// ExitCannotRun means that the command of exec was found but cannot be run.
	ExitCannotRun = 126
	// ExitNoCommand means that the command of exec was not found.
	ExitNoCommand = 127
	// ExitInterrupted means that a signal ended daypass.
	ExitInterrupted = 130
)

// ExitCode is an exit code and what it means, for a reference page.
type ExitCode struct {
	Number  int
	Meaning string
}

// ExitCodes returns all exit codes in order.
func ExitCodes() []ExitCode {
	return []ExitCode{
		{ExitDone, "Success."},
		{ExitFailed, "Failure without an exit code of its own."},
		{ExitUsage, "Invalid command line or profile."},
		{ExitPartly, "Some files were uploaded and some were not."},
		{ExitSignInNeeded, "Sign-in required, but not possible here or not completed in time."},
		{ExitRefused, "The identity provider or AWS refused."},
		{ExitCannotRun, "exec: the command cannot be run. If it runs, the exit code is the command's."},
		{ExitNoCommand, "exec: command not found."},
		{ExitInterrupted, "Ended by a signal."},
	}
}
