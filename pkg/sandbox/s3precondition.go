package sandbox

import (
	"encoding/hex"
	"net/http"
	"strings"
)

// precondition checks If-Match and If-None-Match («Conditional requests» in the S3 user guide). A write accepts
// If-None-Match only with "*"; storage handles that of a read.
func (s *S3) precondition(v s3Request) *awsError {
	match, none := v.r.Header.Get("If-Match"), v.r.Header.Get("If-None-Match")
	object, err := s.memory.HeadObject(v.bucket, v.key)
	exists := err == nil
	switch {
	case none != "" && none != "*" && !v.reads():
		return notImplemented()
	case none == "*" && exists:
		return preconditionFailed()
	case match != "" && !exists:
		return noSuchKey()
	case match != "" && match != "*" && strings.Trim(match, `"`) != hex.EncodeToString(object.Hash):
		return preconditionFailed()
	}
	if !v.reads() {
		v.r.Header.Del("If-Match") // storage does not know "*"
	}
	return nil
}

func preconditionFailed() *awsError {
	return &awsError{http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"}
}
