package remedy

import (
	"errors"

	"github.com/daypass/daypass/pkg/internal/exchange"
)

// callerRules are for the errors of GetCallerIdentity, which no policy can deny.
var callerRules = []rule{
	{"ExpiredToken ExpiredTokenException", "", advice{
		likely:  "the credential has expired by AWS's clock, or a clock is wrong",
		compare: "the local clock with the correct time",
		try:     "daypass login{flags} --again",
		exit:    ExitRefused,
	}},
	{"InvalidClientTokenId UnrecognizedClientException", "", advice{
		likely:  "AWS does not know this credential: it is from another partition or server",
		compare: "the region and the endpoints in the profile",
		try:     "daypass login{flags} --again",
		exit:    ExitRefused,
	}},
	{"SignatureDoesNotMatch InvalidSignatureException", "Signature expired", wrongClock},
	{"SignatureDoesNotMatch InvalidSignatureException", "not yet current", wrongClock},
	{"RequestExpired RequestTimeTooSkewed RequestInTheFuture", "", wrongClock},
	{"SignatureDoesNotMatch IncompleteSignature", "", advice{
		likely:  "the cached credential is damaged, or a proxy changes requests",
		compare: "HTTPS_PROXY",
		try:     "daypass login{flags} --again",
		exit:    ExitRefused,
	}},
	{"RegionDisabledException", "", advice{
		likely:  "STS is not activated in {region} for this account",
		compare: "another region in the profile",
		exit:    ExitRefused,
	}},
}

// adviceForVerify is for credentials that AWS does not accept, or that belong to another principal.
func adviceForVerify(err error) (advice, bool) {
	if isType[*exchange.OtherHolderError](err) {
		return advice{
			likely:  "the cached credential was changed, or is from another server",
			compare: "the endpoints in the profile",
			try:     "daypass logout{flags}, then daypass login{flags}",
			exit:    ExitRefused,
		}, true
	}
	e, ok := errors.AsType[*exchange.VerifyError](err)
	switch {
	case !ok:
		return advice{}, false
	case e.Code == "" && e.HTTPStatus == 0:
		return adviceFor(e.Err), true
	}
	return findAWS(callerRules, e.Code, e.Message, e.HTTPStatus), true
}
