package upload

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/smithy-go"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// Error is one file that did not become an object.
type Error struct {
	File File
	// URL is where it was to go, s3://BUCKET/KEY.
	URL string
	// Code and Message are S3's own, HTTPStatus that of its answer; "" and 0 where it gave none.
	Code       string
	Message    string
	HTTPStatus int
	Err        error
}

// Error names the file, the object and S3's reason.
func (e *Error) Error() string {
	reason := e.Err.Error()
	if e.Code != "" {
		reason = strings.TrimSuffix(e.Code+": "+e.Message, ": ")
	}
	return fmt.Sprintf("uploading %s to %s: %s", e.File, e.URL, reason)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Refused reports whether S3 understood the request and does not allow it.
func (e *Error) Refused() bool {
	return e.Code == "AccessDenied" || e.HTTPStatus == http.StatusForbidden || e.HTTPStatus == http.StatusUnauthorized
}

// newError sorts out what the SDK says. What the Credentials function says is passed on whole: its codes
// are not S3's.
func newError(file File, url string, err error) *Error {
	e := &Error{File: file, URL: url, Err: err}
	if source, ok := errors.AsType[*credentialsError](err); ok {
		e.Err = source.err
		return e
	}
	if errors.Is(err, ErrChanged) {
		e.Err = ErrChanged
		return e
	}
	if failed, ok := errors.AsType[transfermanager.MultipartUploadError](err); ok {
		if unconfirmed, ok := errors.Unwrap(failed).(*AnswerError); ok { // else it may tell of parts that stay behind
			err = unconfirmed
		}
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		e.Code, e.Message = api.ErrorCode(), sanitize.Text(api.ErrorMessage())
	}
	e.HTTPStatus = statusOf(err)
	if e.Code == "" {
		e.Err = withoutRequest(err)
	}
	return e
}

// withoutRequest drops the SDK's and net/http's account of the request that did not arrive: file and
// object are named already.
func withoutRequest(err error) error {
	if send, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("sending request: %w", send.Err)
	}
	return err
}

// quoted quotes a path only where a terminal would not show it as it is.
func quoted(path string) string {
	if literal := strconv.Quote(path); literal != `"`+path+`"` {
		return literal
	}
	return path
}
