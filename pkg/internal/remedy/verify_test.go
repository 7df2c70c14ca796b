package remedy

import (
	"errors"
	"net"
	"syscall"
	"testing"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/exchange"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	refused := func(status int, code string) error {
		return &exchange.VerifyError{HTTPStatus: status, Code: code, Region: "us-east-1", Err: errors.New(code)}
	}
	for _, r := range []row{
		{refused(403, "ExpiredToken"), 5, "has expired by AWS's clock", "daypass login --profile work --again"},
		{refused(403, "InvalidClientTokenId"), 5, "does not know this credential", "endpoints"},
		{&exchange.VerifyError{HTTPStatus: 403, Code: "SignatureDoesNotMatch", Err: errors.New("x"),
			Message: "Signature expired: 20261123T110000Z is now earlier than 20261123T114500Z (20261123T120000Z - 15 min.)"}, 1, "the local clock or AWS's", "clock"},
		{&exchange.VerifyError{HTTPStatus: 403, Code: "SignatureDoesNotMatch", Err: errors.New("x"),
			Message: "Signature not yet current: 20261123T130000Z is still later than 20261123T121500Z (20261123T120000Z + 15 min.)"}, 1, "the local clock or AWS's", "clock"},
		{refused(403, "SignatureDoesNotMatch"), 5, "damaged", "HTTPS_PROXY"},
		{refused(403, "RegionDisabledException"), 5, "not activated in us-east-1", "region"},
		{refused(503, "ServiceUnavailable"), 1, "temporary problem", "minute"},
		{refused(407, ""), 1, "a proxy", "HTTPS_PROXY"},
		{&exchange.OtherHolderError{Cached: credential.Principal{ARN: "arn:1"}, Reported: credential.Principal{ARN: "arn:2"}}, 5,
			"was changed", "daypass logout --profile work"},
	} {
		check(t, r)
	}
	offline := &exchange.VerifyError{Err: &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}}
	if got := For(offline, google, now); got.ExitCode != ExitFailed || got.Likely == "" {
		t.Errorf("offline: %+v, want the advice of networkRules", got)
	}
}
