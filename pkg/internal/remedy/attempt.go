package remedy

import (
	"errors"
	"fmt"
	"time"

	"github.com/daypass/daypass/pkg/internal/signin"
)

// forAttempt tells of a sign-in that waits for its person, or that came to nothing: no other begins by itself.
func forAttempt(err error, asked Asked, now time.Time) (Remedy, bool) {
	login := askedValues(asked).Replace("daypass login{flags}")
	if e, ok := errors.AsType[*signin.UnderWayError](err); ok {
		return Remedy{
			Doing: fmt.Sprintf("a sign-in is needed: one at %s waits in the browser since %s", e.Host, clock(e.Began, now)),
			Try:   "sign in there, and then the same again; for another tab " + login, ExitCode: ExitSignInNeeded,
		}, true
	}
	if e, ok := errors.AsType[*signin.FailedError](err); ok {
		return Remedy{
			Doing: fmt.Sprintf("a sign-in is needed: the last one at %s, at %s, came to nothing: %s", e.Host, clock(e.Began, now), e.Reason),
			Try:   login, ExitCode: ExitSignInNeeded,
		}, true
	}
	return Remedy{}, false
}
