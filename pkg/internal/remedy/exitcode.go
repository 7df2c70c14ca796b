package remedy

// Exit codes, for scripts.
const (
	// ExitDone means success.
	ExitDone = 0
	// ExitFailed means failure for any other reason than those below.
	ExitFailed = 1
	// ExitUsage means that the command line or the profile is invalid.
	ExitUsage = 2
	// ExitPartly means that only some of the files were uploaded.
	ExitPartly = 3
	// ExitSignInNeeded means that a person must sign in and cannot be prompted here.
	ExitSignInNeeded = 4
	// ExitRefused means that the IdP or AWS refused the request.
	ExitRefused = 5
	// ExitCannotRun means that the command of exec exists but cannot be run.
	ExitCannotRun = 126
	// ExitNoCommand means that the command of exec was not found.
	ExitNoCommand = 127
	// ExitInterrupted means that a signal stopped the command.
	ExitInterrupted = 130
)

// ExitCode is an exit code and its meaning, for a reference page.
type ExitCode struct {
	Number  int
	Meaning string
}

// ExitCodes returns all exit codes in ascending order.
func ExitCodes() []ExitCode {
	return []ExitCode{
		{ExitDone, "Success."},
		{ExitFailed, "Failure for any other reason than those below."},
		{ExitUsage, "Invalid command line or profile."},
		{ExitPartly, "Some files were uploaded and some were not."},
		{ExitSignInNeeded, "A person must sign in and cannot be prompted here."},
		{ExitRefused, "The identity provider or AWS refused."},
		{ExitCannotRun, "exec: the command cannot be run. Once it runs, the exit code is its own."},
		{ExitNoCommand, "exec: the command was not found."},
		{ExitInterrupted, "A signal stopped the command."},
	}
}
