package remedy

import (
	"errors"

	"github.com/daypass/daypass/pkg/internal/exchange"
)

// ofCaller has the answers of GetCallerIdentity, which no policy can deny.
var ofCaller = []answer{
	{"ExpiredToken ExpiredTokenException", "", advice{"the credential has expired by AWS's clock, or a clock is wrong",
		"the clock here", "daypass login{flags} --again", ExitRefused}},
	{"InvalidClientTokenId UnrecognizedClientException", "", advice{"AWS does not know this credential: another partition, or another server than gave it",
		"the region and the endpoints in the profile", "daypass login{flags} --again", ExitRefused}},
	{"SignatureDoesNotMatch InvalidSignatureException", "Signature expired", wrongClock},
	{"SignatureDoesNotMatch InvalidSignatureException", "not yet current", wrongClock},
	{"RequestExpired RequestTimeTooSkewed RequestInTheFuture", "", wrongClock},
	{"SignatureDoesNotMatch IncompleteSignature", "", advice{"what is kept is damaged, or a proxy alters requests",
		"HTTPS_PROXY", "daypass login{flags} --again", ExitRefused}},
	{"RegionDisabledException", "", advice{"STS is not activated in {region} for this account",
		"another region in the profile", "", ExitRefused}},
}

// ofVerify finds credentials that AWS does not stand by.
func ofVerify(err error) (advice, bool) {
	if isType[*exchange.OtherHolderError](err) {
		return advice{"what is kept was altered, or another server answers than gave it",
			"the endpoints in the profile", "daypass logout{flags}, then daypass login{flags}", ExitRefused}, true
	}
	e, ok := errors.AsType[*exchange.VerifyError](err)
	switch {
	case !ok:
		return advice{}, false
	case e.Code == "" && e.HTTPStatus == 0:
		return adviceFor(e.Err), true
	}
	return findAWS(ofCaller, e.Code, e.Message, e.HTTPStatus), true
}
