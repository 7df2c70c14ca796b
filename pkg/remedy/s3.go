package remedy

import (
	"errors"
	"net/http"

	"github.com/daypass/daypass/pkg/upload"
)

// ofS3 finds what S3 said to an upload. What kept an answer from coming is the network's.
func ofS3(err error) (advice, bool) {
	refused, ok := errors.AsType[*upload.Error](err)
	if !ok || refused.Code == "" && refused.HTTPStatus == 0 {
		return advice{}, false
	}
	if found, ok := find(s3Answers, refused.Code, refused.Message); ok {
		return found, true
	}
	if refused.Refused() {
		return notAllowed, true
	}
	if refused.HTTPStatus == http.StatusMovedPermanently {
		return otherRegion, true
	}
	found := findAWS(nil, refused.Code, refused.Message, refused.HTTPStatus)
	return found, found != refusedSomehow
}

var s3Answers = []answer{
	{"AccessDenied AllAccessDisabled", "", notAllowed},
	{"NoSuchBucket", "", advice{"there is no such bucket", "upload.bucket in the profile", "", ExitFailed}},
	{"PermanentRedirect AuthorizationHeaderMalformed IllegalLocationConstraintException", "", otherRegion},
	{"ExpiredToken", "", advice{"the credential ended while the file was on its way", "", "daypass whoami{flags}", ExitRefused}},
	{"InvalidAccessKeyId InvalidToken SignatureDoesNotMatch", "", advice{"the server does not know the credential",
		"the S3 and STS endpoints: are they of one kind?", "", ExitRefused}},
	{"RequestTimeTooSkewed", "", advice{"the clock here is wrong", "the clock here", "", ExitFailed}},
	{"PreconditionFailed", "", advice{"there is an object of that name already", "", "", ExitFailed}},
	{"XAmzContentChecksumMismatch BadDigest InvalidDigest", "", advice{"what arrived is not what was sent",
		"", "again", ExitFailed}},
}

var (
	notAllowed = advice{"the role's policy does not allow this key in this bucket",
		"upload.prefix with the s3:PutObject resources of the role's policy", "", ExitRefused}
	otherRegion = advice{"the bucket is in another region", "region in the profile", "", ExitFailed}
)
