package remedy

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/daypass/daypass/pkg/internal/upload"
)

// forUpload tells S3's answer, which object it was about and who asked.
func forUpload(e *upload.Error, asked Asked) Remedy {
	found, values := adviceFor(e), askedValues(asked)
	r := Remedy{Doing: "uploading " + e.File.String() + ": " + InWords(e.Err), ExitCode: found.exit,
		Likely: values.Replace(found.likely), Compare: values.Replace(found.compare), Try: values.Replace(found.try)}
	switch {
	case e.Code != "":
		r.Doing = "uploading " + e.File.String() + ": AWS says " + e.Code
	case e.HTTPStatus != 0:
		r.Doing = fmt.Sprintf("uploading %s: AWS answers with HTTP status %d", e.File, e.HTTPStatus)
	default: // no answer, or a fault of the file
		return r
	}
	if e.Message != "" {
		r.Evidence = append(r.Evidence, Line{Label: "answer", Text: e.Message})
	}
	r.Evidence = append(r.Evidence, Line{Label: "object", Text: e.URL})
	r.Evidence = append(r.Evidence, block("profile", []string{named("role", asked.RoleARN),
		named("pool", asked.IdentityPoolID), named("region", asked.Region)})...)
	return r
}

// ofS3 finds what S3 said to an upload. What kept an answer from coming is the network's.
func ofS3(err error) (advice, bool) {
	if e, ok := errors.AsType[*upload.AnswerError](err); ok {
		if e.Damaged {
			return damaged, true
		}
		return advice{"a proxy, or a server that is not S3, answered", "the S3 endpoint, the region and HTTPS_PROXY", "", ExitFailed}, true
	}
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
	{"AccessDenied", "no session policy allows", advice{"the session policy does not allow this upload",
		"the policies under role in the profile with upload.prefix", "", ExitRefused}},
	{"AccessDenied", " kms:", advice{"the bucket is encrypted with a KMS key that the role may not use",
		"kms:GenerateDataKey and kms:Decrypt in the role's policy, and the key's own policy", "", ExitRefused}},
	{"AccessDenied", "explicit deny", advice{"a policy denies it outright: the bucket's, the role's, or one above the account",
		"the bucket's policy, the role's, and service and resource control policies", "", ExitRefused}},
	{"AccessDenied", "no permissions boundary allows", advice{"the role's permissions boundary does not allow this upload",
		"the role's permissions boundary", "", ExitRefused}},
	{"AccessDenied", "no VPC endpoint policy allows", advice{"the VPC endpoint does not allow this upload",
		"the policy of the VPC endpoint", "", ExitRefused}},
	{"AccessDenied", "control policy allows", advice{"an AWS Organizations policy does not allow this upload",
		"service and resource control policies with the role's account", "", ExitRefused}},
	{"AccessDenied AllAccessDisabled", "", notAllowed},
	{"KMS.DisabledException KMS.KMSInvalidStateException KMS.NotFoundException KMS.InvalidKeyUsageException " +
		"KMS.KeyUnavailableException", "", advice{"the KMS key that the bucket is encrypted with cannot be used",
		"the bucket's default encryption, and the state of its key", "", ExitRefused}},
	{"NoSuchBucket", "", advice{"there is no such bucket", "upload.bucket in the profile", "", ExitFailed}},
	{"PermanentRedirect AuthorizationHeaderMalformed IllegalLocationConstraintException", "", otherRegion},
	{"ExpiredToken", "", advice{"the credential ended while the file was on its way", "", "daypass whoami{flags}", ExitRefused}},
	{"InvalidAccessKeyId InvalidToken SignatureDoesNotMatch", "", advice{"the server does not know the credential",
		"the S3 and STS endpoints: are they of one kind?", "", ExitRefused}},
	{"RequestTimeTooSkewed", "", wrongClock},
	{"PreconditionFailed", "", advice{"there is an object of that name already", "", "", ExitFailed}},
	{"XAmzContentChecksumMismatch XAmzContentSHA256Mismatch BadDigest InvalidDigest", "", damaged},
}

var (
	notAllowed = advice{"the role's policy does not allow this key in this bucket",
		"upload.prefix with the s3:PutObject resources of the role's policy", "", ExitRefused}
	damaged     = advice{"what arrived is not what was sent", "", "again", ExitFailed}
	otherRegion = advice{"the bucket is in another region", "region in the profile", "", ExitFailed}
)
