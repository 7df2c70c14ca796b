package sandbox

import (
	"encoding/xml"
	"errors"
	"net/http"
	"strings"
)

// callerXML is the response of GetCallerIdentity.
type callerXML struct {
	XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	Result  struct {
		ARN     string `xml:"Arn"`
		UserID  string `xml:"UserId"`
		Account string `xml:"Account"`
	} `xml:"GetCallerIdentityResult"`
	Metadata metadataXML `xml:"ResponseMetadata"`
}

// getCallerIdentity returns the identity that signed the request. No policy can deny it.
func (s *STS) getCallerIdentity(r *http.Request, body []byte) (any, *awsError) {
	session, _, err := guard{sessions: s.sessions, service: "sts", now: s.Now}.admit(r, hexHash(body))
	if err != nil {
		return nil, callerError(err)
	}
	answer := callerXML{Metadata: metadataXML{random(12)}}
	answer.Result.ARN, answer.Result.UserID = session.Principal, session.UserID
	answer.Result.Account = strings.Split(session.Principal+"::::", ":")[4]
	return answer, nil
}

// callerError returns the error for a refused signature, in the wording of STS.
func callerError(err error) *awsError {
	refuse := func(code, message string) *awsError { return &awsError{http.StatusForbidden, code, message} }
	switch {
	case errors.Is(err, errUnsigned):
		return refuse("MissingAuthenticationToken", "Request is missing Authentication Token")
	case errors.Is(err, errUnknownKey), errors.Is(err, errWrongToken):
		return refuse("InvalidClientTokenId", "The security token included in the request is invalid.")
	case errors.Is(err, errExpiredSession):
		return refuse("ExpiredToken", "The security token included in the request is expired")
	case errors.Is(err, errMalformed):
		return &awsError{http.StatusBadRequest, "IncompleteSignature", "The request signature does not conform to AWS standards."}
	}
	return refuse("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.")
}
