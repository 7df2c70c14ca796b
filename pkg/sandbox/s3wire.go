package sandbox

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
)

// s3Refusals word what the door refuses as S3 does («Error responses» in the S3 API reference).
var s3Refusals = []struct {
	cause error
	awsError
}{
	{errUnsigned, awsError{403, "AccessDenied", "Access Denied"}},
	{errMalformed, awsError{400, "AuthorizationHeaderMalformed", "The authorization header is malformed."}},
	{errWrongRegion, awsError{400, "AuthorizationHeaderMalformed", "The authorization header is malformed; the region or service is wrong."}},
	{errUnknownKey, awsError{403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."}},
	{errWrongToken, awsError{400, "InvalidToken", "The provided token is malformed or otherwise invalid."}},
	{errSignature, awsError{403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your key and signing method."}},
	{errSkewed, awsError{403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."}},
	{errExpiredSession, awsError{400, "ExpiredToken", "The provided token has expired."}},
	{errUnsignedHeader, awsError{403, "AccessDenied", "There were headers present in the request which were not signed"}},
	{errPayloadHash, awsError{400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed."}},
	{errIncomplete, awsError{400, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header"}},
	{errMalformedTrailer, awsError{400, "MalformedTrailerError", "The request contained trailing data that was not well-formed or did not conform to our published schema."}},
	{errChunk, awsError{400, "IncompleteBody", "The request body terminated unexpectedly"}},
	{errTooLarge, awsError{400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size."}},
}

func s3Error(err error) *awsError {
	for _, refusal := range s3Refusals {
		if errors.Is(err, refusal.cause) {
			return &refusal.awsError
		}
	}
	return &awsError{http.StatusBadRequest, "IncompleteBody", "The request body could not be read."}
}

// s3ErrorXML is S3's refusal.
type s3ErrorXML struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string   `xml:"Code"`
	Message   string   `xml:"Message"`
	Resource  string   `xml:"Resource"`
	RequestID string   `xml:"RequestId"`
}

// refuseS3 closes the connection when a body was left unread, so that none of it is taken for a request.
func refuseS3(w http.ResponseWriter, r *http.Request, err *awsError) {
	io.CopyN(io.Discard, r.Body, maxForm)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(err.Status)
	if r.Method == http.MethodHead {
		return
	}
	io.WriteString(w, xml.Header)
	xml.NewEncoder(w).Encode(s3ErrorXML{Code: err.Code, Message: err.Message, Resource: r.URL.Path, RequestID: random(12)})
}
