package exchange

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/awsclient"
	"github.com/daypass/daypass/pkg/secret"
)

// Verify asks STS whose credential that is (GetCallerIdentity, which no policy can deny), signed with the
// credential itself, and compares the answer with what was said when it was given. The errors are
// *VerifyError where STS refused or was not reached, and *OtherHolderError. One whose principal was not told
// then (Cognito's enhanced flow) is anybody's.
func (a AWS) Verify(ctx context.Context, c credential.Credential) (credential.Principal, error) {
	answer, err := sts.NewFromConfig(a.config(signingWith(c))).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return credential.Principal{}, a.unverified(ctx, err, c)
	}
	told := credential.Principal{ARN: aws.ToString(answer.Arn), UserID: aws.ToString(answer.UserId)}
	kept := c.Principal
	if told.ARN == "" || kept.ARN != "" && told.ARN != kept.ARN || kept.UserID != "" && told.UserID != kept.UserID ||
		aws.ToString(answer.Account) != told.AccountID() {
		return told, &OtherHolderError{Kept: kept, Told: told}
	}
	return told, nil
}

func signingWith(c credential.Credential) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return awsclient.Credentials(c), nil
	})
}

// VerifyError is a credential that STS did not say anything of.
type VerifyError struct {
	// Code and Message are STS's own, "" where it gave none; HTTPStatus is 0 where no answer came.
	Code, Message string
	HTTPStatus    int
	Region        string
	// Err is the cause.
	Err error
}

// Error tells the step and the cause.
func (e *VerifyError) Error() string { return "asking AWS whose credential this is: " + e.Err.Error() }

// Unwrap gives the cause.
func (e *VerifyError) Unwrap() error { return e.Err }

func (a AWS) unverified(ctx context.Context, err error, c credential.Credential) error {
	e := &VerifyError{Region: a.Region}
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		e.HTTPStatus = response.HTTPStatusCode()
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() != unknownError {
		e.Code, e.Message = cleanMessage(api.ErrorCode(), secret.String{}), cleanMessage(api.ErrorMessage(), c.SessionToken)
		e.Err = &apiError{smithy.GenericAPIError{Code: e.Code, Message: e.Message, Fault: api.ErrorFault()}}
		return e
	}
	e.Err = withoutAnswer(ctx, err, e.HTTPStatus)
	return e
}

// OtherHolderError says that AWS names another holder of a credential than when it gave it.
type OtherHolderError struct{ Kept, Told credential.Principal }

// Error gives both.
func (e *OtherHolderError) Error() string {
	return fmt.Sprintf("asking AWS whose credential this is: it says %s, and it was given to %s", named(e.Told), named(e.Kept))
}

func named(p credential.Principal) string {
	switch {
	case p.ARN == "":
		return "nobody"
	case p.UserID == "":
		return p.ARN
	}
	return p.ARN + " (" + p.UserID + ")"
}
