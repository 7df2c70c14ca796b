package remedy

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/daypass/daypass/pkg/internal/upload"
)

// remedyForUpload adds S3's message, the object and the profile as evidence.
func remedyForUpload(e *upload.Error, asked Asked) Remedy {
	found, values := adviceFor(e), askedValues(asked)
	r := Remedy{Doing: "uploading " + e.File.String() + ": " + InWords(e.Err), ExitCode: found.exit,
		Likely: values.Replace(found.likely), Compare: values.Replace(found.compare), Try: values.Replace(found.try)}
	switch {
	case e.Code != "":
		r.Doing = "uploading " + e.File.String() + ": AWS says " + e.Code
	case e.HTTPStatus != 0:
		r.Doing = fmt.Sprintf("uploading %s: AWS returned HTTP status %d", e.File, e.HTTPStatus)
	default: // no response, or a problem with the file
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

// adviceForS3 is for S3's response to an upload. Failures without a response are for adviceForNetwork.
func adviceForS3(err error) (advice, bool) {
	if e, ok := errors.AsType[*upload.AnswerError](err); ok {
		if e.Damaged {
			return changedContent, true
		}
		return advice{
			likely:  "the response is from a proxy, or from a server that is not S3",
			compare: "the S3 endpoint, the region and HTTPS_PROXY",
			exit:    ExitFailed,
		}, true
	}
	refused, ok := errors.AsType[*upload.Error](err)
	if !ok || refused.Code == "" && refused.HTTPStatus == 0 {
		return advice{}, false
	}
	if found, ok := find(s3Rules, refused.Code, refused.Message); ok {
		return found, true
	}
	if refused.Refused() {
		return keyNotAllowed, true
	}
	if refused.HTTPStatus == http.StatusMovedPermanently {
		return otherRegion, true
	}
	found := findAWS(nil, refused.Code, refused.Message, refused.HTTPStatus)
	return found, found != refusedUnknown
}

var s3Rules = []rule{
	{"AccessDenied", "no session policy allows", advice{
		likely:  "the session policy does not allow this upload",
		compare: "the policies under role in the profile with upload.prefix",
		exit:    ExitRefused,
	}},
	{"AccessDenied", " kms:", advice{
		likely:  "the bucket is encrypted with a KMS key that the role may not use",
		compare: "kms:GenerateDataKey and kms:Decrypt in the role's policy, and the key's own policy",
		exit:    ExitRefused,
	}},
	{"AccessDenied", "explicit deny", advice{
		likely:  "an explicit deny in the bucket's policy, the role's, or the organization's",
		compare: "the bucket's policy, the role's, and service and resource control policies",
		exit:    ExitRefused,
	}},
	{"AccessDenied", "no permissions boundary allows", advice{
		likely:  "the role's permissions boundary does not allow this upload",
		compare: "the role's permissions boundary",
		exit:    ExitRefused,
	}},
	{"AccessDenied", "no VPC endpoint policy allows", advice{
		likely:  "the VPC endpoint does not allow this upload",
		compare: "the policy of the VPC endpoint",
		exit:    ExitRefused,
	}},
	{"AccessDenied", "control policy allows", advice{
		likely:  "an AWS Organizations policy does not allow this upload",
		compare: "service and resource control policies with the role's account",
		exit:    ExitRefused,
	}},
	{"AccessDenied AllAccessDisabled", "", keyNotAllowed},
	{"KMS.DisabledException KMS.KMSInvalidStateException KMS.NotFoundException KMS.InvalidKeyUsageException " +
		"KMS.KeyUnavailableException", "", advice{
		likely:  "the KMS key that the bucket is encrypted with cannot be used",
		compare: "the bucket's default encryption, and the state of its key",
		exit:    ExitRefused,
	}},
	{"NoSuchBucket", "", advice{likely: "the bucket does not exist", compare: "upload.bucket in the profile", exit: ExitFailed}},
	{"PermanentRedirect AuthorizationHeaderMalformed IllegalLocationConstraintException", "", otherRegion},
	{"ExpiredToken", "", advice{
		likely: "the credential expired during the upload",
		try:    "daypass whoami{flags}",
		exit:   ExitRefused,
	}},
	{"InvalidAccessKeyId InvalidToken SignatureDoesNotMatch", "", advice{
		likely:  "the server does not know the credential",
		compare: "the S3 and STS endpoints: both AWS, or both the same other server",
		exit:    ExitRefused,
	}},
	{"RequestTimeTooSkewed", "", wrongClock},
	{"PreconditionFailed", "", advice{likely: "an object with this key exists already", exit: ExitFailed}},
	{"XAmzContentChecksumMismatch XAmzContentSHA256Mismatch BadDigest InvalidDigest", "", changedContent},
}

var (
	keyNotAllowed = advice{
		likely:  "the role's policy does not allow this key in this bucket",
		compare: "upload.prefix with the s3:PutObject resources of the role's policy",
		exit:    ExitRefused,
	}
	changedContent = advice{likely: "the content was changed on the way to S3", try: "again", exit: ExitFailed}
	otherRegion    = advice{likely: "the bucket is in another region", compare: "region in the profile", exit: ExitFailed}
)
