package exchange

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
)

// newRetryer returns the SDK's standard retryer, extended to retry transient errors as well.
func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = maxAttempts
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			if transient(err) {
				return aws.TrueTernary
			}
			return aws.UnknownTernary
		}))
	})
}

// transient reports whether AWS could not reach the identity provider. The SDK does not retry these errors by itself:
// they have the same HTTP status as a refusal, and at STS the same code.
func transient(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return false
	}
	switch api.ErrorCode() {
	case "InvalidIdentityToken", "InvalidIdentityTokenException":
		return strings.Contains(api.ErrorMessage(), "Couldn't retrieve verification key from your identity provider")
	case "ExternalServiceException": // Cognito's
		return true
	}
	return false
}
