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

// Error is an exchange that gave no credential: what was asked, and what came back.
type Error struct {
	// Step is what was being done: "assuming role", "asking for an identity ID" …
	Step string
	// Code and Message are AWS's own, the message bounded and without tokens; "" if AWS gave none.
	Code, Message string
	// HTTPStatus is 0, and RequestID "", where no answer came.
	HTTPStatus int
	RequestID  string
	// AWSTime is AWS's clock, by the Date of its answer, and Here the local clock when that came. Both are zero where no
	// answer came, or one without a Date.
	AWSTime, Here time.Time

	// Claims are the ID token's.
	Claims identity.Claims
	// What was asked for, and where: a role or an identity pool.
	RoleARN        string
	SessionName    string
	Duration       time.Duration
	IdentityPoolID string
	Region         string

	// Err is the cause: a smithy.APIError where AWS answered with one.
	Err error
}

// Error tells the step, its object and the cause.
func (e *Error) Error() string {
	what := e.Step + " in identity pool " + e.IdentityPoolID
	if e.IdentityPoolID == "" {
		what = e.Step + " " + e.RoleARN
	}
	return what + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports that the error is identity.ErrTokenRejected where AWS calls the token expired.
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

// because is the error with a cause of our own.
func (e Error) because(err error) *Error {
	e.Err = err
	return &e
}

// answered is the error with what the SDK's call returned. The SDK's own layers are taken off: they tell
// the step again, and may hold the answer's body.
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
	return e.because(withoutAnswer(ctx, err, e.HTTPStatus))
}

// unknownError is the SDK's code for an answer that has none: a proxy's, a gateway's.
const unknownError = "UnknownError"

// apiError prints as AWS's tools do; smithy's own form says "api error" before it.
type apiError struct{ smithy.GenericAPIError }

func (e *apiError) Error() string {
	if e.Message == "" {
		return e.Code
	}
	return e.Code + ": " + e.Message
}

// withoutAnswer is the cause of a call that AWS did not answer, or not so that it could be read.
func withoutAnswer(ctx context.Context, err error, status int) error {
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
		return fmt.Errorf("HTTP status %d with an answer that is not AWS's", status)
	case called:
		return operation.Err
	}
	return err
}
