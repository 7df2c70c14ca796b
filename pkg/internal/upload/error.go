package upload

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/smithy-go"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// Error says why a file was not uploaded.
type Error struct {
	File File
	// URL is the object's, s3://BUCKET/KEY.
	URL string
	// Code and Message are S3's, and HTTPStatus is that of its response; "" and 0 if there was none.
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
	return fmt.Sprintf("uploading %s to %s: %s", e.File, sanitize.Quoted(e.URL), reason)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Refused reports whether S3 denied the request.
func (e *Error) Refused() bool {
	return e.Code == "AccessDenied" || e.HTTPStatus == http.StatusForbidden || e.HTTPStatus == http.StatusUnauthorized
}

// newError takes S3's code and message from an error of the SDK. It returns an error of the Credentials function as it
// is, because its codes are not S3's.
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
		if unconfirmed, ok := errors.Unwrap(failed).(*AnswerError); ok { // the other errors may name parts that remain
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

// withoutRequest removes the request's details that the SDK and net/http add: Error names the file and the object.
func withoutRequest(err error) error {
	if send, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("sending request: %w", send.Err)
	}
	return err
}
