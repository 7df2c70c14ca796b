package remedy

import (
	"net/http"
	"slices"
	"strings"
)

// answer is one row: a code, what its message must have in it, and the advice. The first row that fits
// wins, so that a row without a message stands after its kin.
type answer struct {
	codes    string // separated by blanks
	contains string // of the message, whatever its case; "" fits all
	advice
}

func (a answer) fits(code, message string) bool {
	return slices.Contains(strings.Fields(a.codes), code) &&
		strings.Contains(strings.ToLower(message), strings.ToLower(a.contains))
}

// find returns the first row's advice; ok is false where no row fits.
func find(rows []answer, code, message string) (_ advice, ok bool) {
	i := slices.IndexFunc(rows, func(a answer) bool { return a.fits(code, message) })
	if i < 0 {
		return advice{}, false
	}
	return rows[i].advice, true
}

// passing are answers of every AWS service that say nothing about what was asked.
var passing = []answer{
	{"Throttling ThrottlingException ThrottledException RequestThrottledException RequestThrottled " +
		"TooManyRequestsException LimitExceededException RequestLimitExceeded SlowDown PriorRequestNotComplete", "",
		advice{"AWS is being asked too often just now", "", againInAMinute, ExitFailed}},
	{"InternalFailure InternalError InternalErrorException ServiceUnavailable ServiceUnavailableException RequestTimeout " +
		"RequestTimeoutException", "", inTrouble},
}

const againInAMinute = "again in a minute"

var (
	inTrouble    = advice{"AWS is in trouble just now", "", againInAMinute, ExitFailed}
	answeredElse = advice{"a proxy, or a server that is not AWS, answered",
		"the endpoints, the region and HTTPS_PROXY", "", ExitFailed}
	refusedSomehow = advice{exit: ExitRefused}
)

// findAWS looks in a service's rows, then in those of all, then at the status.
func findAWS(rows []answer, code, message string, status int) advice {
	if found, ok := find(rows, code, message); ok {
		return found
	}
	if found, ok := find(passing, code, message); ok {
		return found
	}
	switch {
	case status >= http.StatusInternalServerError:
		return inTrouble
	case code == "":
		return answeredElse
	}
	return refusedSomehow
}
