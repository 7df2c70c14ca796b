package sandbox

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
)

// s3Refusals has the error for each refusal, in the wording of S3 («Error responses» in the S3 API reference).
var s3Refusals = []struct {
	cause error
	awsError
}{
	{errUnsigned, awsError{403, "AccessDenied", "Access Denied"}},
	{errMalformed, awsError{400, "AuthorizationHeaderMalformed", "The authorization header is malformed."}},
	{errTwoSignatures, awsError{400, "InvalidArgument", "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified"}},
	{errQueryParameters, awsError{400, "AuthorizationQueryParametersError", "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."}},
	{errTooFar, awsError{400, "AuthorizationQueryParametersError", "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"}},
	{errNegative, awsError{400, "AuthorizationQueryParametersError", "X-Amz-Expires must be non-negative"}},
	{errURLExpired, awsError{403, "AccessDenied", "Request has expired"}},
	{errURLEarly, awsError{403, "AccessDenied", "Request is not valid yet"}},
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

func (s *S3) s3Error(err error) *awsError {
	if errors.Is(err, errWrongRegion) {
		return &awsError{http.StatusBadRequest, "AuthorizationHeaderMalformed",
			"The authorization header is malformed; the region or the service is wrong; expecting '" + s.Region + "'"}
	}
	for _, refusal := range s3Refusals {
		if errors.Is(err, refusal.cause) {
			return &refusal.awsError
		}
	}
	return &awsError{http.StatusBadRequest, "IncompleteBody", "The request body could not be read."}
}

func accessDenied() *awsError {
	return &awsError{http.StatusForbidden, "AccessDenied", "Access Denied"}
}

func noSuchBucket() *awsError {
	return &awsError{http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist"}
}

func noSuchKey() *awsError {
	return &awsError{http.StatusNotFound, "NoSuchKey", "The specified key does not exist."}
}

func notImplemented() *awsError {
	return &awsError{http.StatusNotImplemented, "NotImplemented", "A header or query you provided implies functionality that is not implemented."}
}

func malformedXML() *awsError {
	return &awsError{http.StatusBadRequest, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"}
}

// s3ErrorXML is S3's error response.
type s3ErrorXML struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string   `xml:"Code"`
	Message   string   `xml:"Message"`
	Region    string   `xml:"Region,omitempty"` // where a client that signed for another should have
	Resource  string   `xml:"Resource"`
	RequestID string   `xml:"RequestId"`
}

// refuse writes an error. It closes the connection if a body was left unread, so that no part of the body is read as
// the next request.
func (s *S3) refuse(w http.ResponseWriter, r *http.Request, err *awsError) {
	io.CopyN(io.Discard, r.Body, maxForm)
	logCode(w, err.Code)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(err.Status)
	if r.Method == http.MethodHead {
		return
	}
	answer := s3ErrorXML{Code: err.Code, Message: err.Message, Resource: r.URL.Path, RequestID: random(12)}
	if err.Code == "AuthorizationHeaderMalformed" {
		answer.Region = s.Region
	}
	io.WriteString(w, xml.Header)
	xml.NewEncoder(w).Encode(answer)
}

// writeS3 writes a success response.
func writeS3(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusOK)
	io.WriteString(w, xml.Header)
	xml.NewEncoder(w).Encode(v)
}

// locationXML is the response of GetBucketLocation.
type locationXML struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
	Region  string   `xml:",chardata"`
}

// locationConstraint is empty for us-east-1.
func locationConstraint(region string) string {
	if region == "us-east-1" {
		return ""
	}
	return region
}

// noUploadsXML is the response if no multipart upload was ever started, which storage answers with an error.
type noUploadsXML struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListMultipartUploadsResult"`
	Bucket  string
	Prefix  string
}
