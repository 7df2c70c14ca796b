package remedy

import (
	"net/http"
	"slices"
	"strings"
)

// rule is one row of a table: error codes, a text that the message must contain, and the advice. The first rule that
// matches is used, so a rule without a text comes after the others with the same code.
type rule struct {
	codes    string // separated by spaces
	contains string // in the message, ignoring case; "" matches every message
	advice
}

func (r rule) matches(code, message string) bool {
	return slices.Contains(strings.Fields(r.codes), code) &&
		strings.Contains(strings.ToLower(message), strings.ToLower(r.contains))
}

// find returns the advice of the first rule that matches.
func find(rules []rule, code, message string) (_ advice, ok bool) {
	i := slices.IndexFunc(rules, func(r rule) bool { return r.matches(code, message) })
	if i < 0 {
		return advice{}, false
	}
	return rules[i].advice, true
}

// serviceRules are for errors that every AWS service returns and that say nothing about the request.
var serviceRules = []rule{
	{"Throttling ThrottlingException ThrottledException RequestThrottledException RequestThrottled " +
		"TooManyRequestsException LimitExceededException RequestLimitExceeded SlowDown PriorRequestNotComplete", "",
		advice{likely: "too many requests to AWS at the moment", try: againInAMinute, exit: ExitFailed}},
	{"InternalFailure InternalError InternalErrorException ServiceUnavailable ServiceUnavailableException RequestTimeout " +
		"RequestTimeoutException", "", temporaryProblem},
}

const againInAMinute = "again in a minute"

var (
	temporaryProblem = advice{likely: "AWS has a temporary problem", try: againInAMinute, exit: ExitFailed}
	notFromAWS       = advice{
		likely:  "the response is from a proxy, or from a server that is not AWS",
		compare: "the endpoints, the region and HTTPS_PROXY",
		exit:    ExitFailed,
	}
	refusedUnknown = advice{exit: ExitRefused}
)

// findAWS looks in the rules of one service, then in those of every service, and then at the HTTP status.
func findAWS(rules []rule, code, message string, status int) advice {
	if found, ok := find(rules, code, message); ok {
		return found
	}
	if found, ok := find(serviceRules, code, message); ok {
		return found
	}
	switch {
	case status >= http.StatusInternalServerError:
		return temporaryProblem
	case code == "":
		return notFromAWS
	}
	return refusedUnknown
}
