package remedy

import (
	"errors"
	"fmt"
	"time"

	"github.com/daypass/daypass/pkg/internal/signin"
)

// remedyForSignIn is for a pending sign-in, and for a failed one, after which none starts automatically.
func remedyForSignIn(err error, asked Asked, now time.Time) (Remedy, bool) {
	login := askedValues(asked).Replace("daypass login{flags}")
	if e, ok := errors.AsType[*signin.PendingError](err); ok {
		return Remedy{
			Doing: fmt.Sprintf("sign-in required: one at %s has been waiting in the browser since %s", e.Host, clock(e.Began, now)),
			Try:   "sign in there and repeat the command; for another tab: " + login, ExitCode: ExitSignInNeeded,
		}, true
	}
	if e, ok := errors.AsType[*signin.FailedError](err); ok {
		return Remedy{
			Doing: fmt.Sprintf("sign-in required: the last one at %s, at %s, failed: %s", e.Host, clock(e.Began, now), e.Reason),
			Try:   login, ExitCode: ExitSignInNeeded,
		}, true
	}
	return Remedy{}, false
}
