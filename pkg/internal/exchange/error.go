package exchange

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// Error says why an exchange failed: the request and AWS's response.
type Error struct {
	// Step is what was being done: "assuming role", "requesting an identity ID" …
	Step string
	// Code and Message are AWS's, the message shortened and without tokens; "" if AWS sent none.
	Code, Message string
	// HTTPStatus is 0, and RequestID "", if no response arrived.
	HTTPStatus int
	RequestID  string
	// AWSTime is the Date of the response, and Here the local time when it arrived; zero if there was none.
	AWSTime, Here time.Time

	// Claims are the ID token's.
	Claims identity.Claims
	// The request was for a role or for an identity pool, in Region.
	RoleARN        string
	SessionName    string
	Duration       time.Duration
	IdentityPoolID string
	Region         string

	// Err is the cause: a smithy.APIError if AWS sent an error.
	Err error
}

// Error returns the step, its object and the cause.
func (e *Error) Error() string {
	what := e.Step + " in identity pool " + e.IdentityPoolID
	if e.IdentityPoolID == "" {
		what = e.Step + " " + e.RoleARN
	}
	return what + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is report identity.ErrTokenRejected if AWS says that the token has expired.
func (e *Error) Is(target error) bool {
	return target == identity.ErrTokenRejected && e.tokenExpired()
}

func (e *Error) tokenExpired() bool {
	switch e.Code {
	case "ExpiredTokenException", "ExpiredToken":
		return true
	case "NotAuthorizedException": // Cognito: "Invalid login token. Token expired: NOW >= EXP"
		return strings.Contains(e.Message, "Token expired")
	case "InvalidParameterValue": // MinIO
		return strings.Contains(e.Message, "Token is expired")
	}
	return false
}

// because returns the error with a cause that is not AWS's.
func (e Error) because(err error) *Error {
	e.Err = err
	return &e
}

// answered returns the error with the cause that an SDK call returned, without the SDK's wrappers: those repeat the step
// and can contain the response's body.
func (e Error) answered(ctx context.Context, err error, token secret.String, now time.Time) *Error {
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		e.HTTPStatus, e.RequestID = response.HTTPStatusCode(), response.ServiceRequestID()
		if date, err := http.ParseTime(response.Response.Header.Get("Date")); err == nil {
			e.AWSTime, e.Here = date, now
		}
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() != unknownError {
		e.Code, e.Message = cleanMessage(api.ErrorCode(), secret.String{}), cleanMessage(api.ErrorMessage(), token)
		return e.because(&apiError{smithy.GenericAPIError{Code: e.Code, Message: e.Message, Fault: api.ErrorFault()}})
	}
	return e.because(withoutResponse(ctx, err, e.HTTPStatus))
}

// unknownError is the SDK's code for a response without one, such as a proxy's.
const unknownError = "UnknownError"

// apiError prints as AWS's own tools do: without smithy's "api error" before the code.
type apiError struct{ smithy.GenericAPIError }

func (e *apiError) Error() string {
	if e.Message == "" {
		return e.Code
	}
	return e.Code + ": " + e.Message
}

// withoutResponse returns the cause of a call that got no response, or one that is not AWS's.
func withoutResponse(ctx context.Context, err error, status int) error {
	request, sent := errors.AsType[*url.Error](err)
	operation, called := errors.AsType[*smithy.OperationError](err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case sent:
		return request
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case status != 0:
		return fmt.Errorf("HTTP status %d with a response that is not AWS's", status)
	case called:
		return operation.Err
	}
	return err
}
