package exchange

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/awsclient"
)

// Verify asks STS whose credential c is (GetCallerIdentity, which no policy can deny) and compares the principal with the
// one in c, if c has one: Cognito's enhanced flow returns none. The error is an *OtherHolderError if they differ, and a
// *VerifyError if STS refuses the request or cannot be reached.
func (a AWS) Verify(ctx context.Context, c credential.Credential) (credential.Principal, error) {
	response, err := sts.NewFromConfig(a.config(signingWith(c))).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return credential.Principal{}, a.unverified(ctx, err, c)
	}
	got, want := credential.Principal{ARN: aws.ToString(response.Arn), UserID: aws.ToString(response.UserId)}, c.Principal
	if got.ARN == "" || want.ARN != "" && got.ARN != want.ARN || want.UserID != "" && got.UserID != want.UserID ||
		aws.ToString(response.Account) != got.AccountID() {
		return got, &OtherHolderError{Cached: want, Reported: got}
	}
	return got, nil
}

func signingWith(c credential.Credential) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return awsclient.Credentials(c), nil
	})
}

// VerifyError says why STS did not name a credential's principal.
type VerifyError struct {
	// Code and Message are STS's; "" if it sent none. HTTPStatus is 0 if no response arrived.
	Code, Message string
	HTTPStatus    int
	Region        string
	Err           error
}

// Error returns the step and the cause.
func (e *VerifyError) Error() string { return "asking AWS whose credential this is: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *VerifyError) Unwrap() error { return e.Err }

func (a AWS) unverified(ctx context.Context, err error, c credential.Credential) error {
	e := Error{}.answered(ctx, err, c.SessionToken, time.Time{})
	return &VerifyError{Region: a.Region, Code: e.Code, Message: e.Message, HTTPStatus: e.HTTPStatus, Err: e.Err}
}

// OtherHolderError says that AWS reports another principal for a credential than the one it was issued to.
type OtherHolderError struct{ Cached, Reported credential.Principal }

// Error returns both principals.
func (e *OtherHolderError) Error() string {
	return fmt.Sprintf("asking AWS whose credential this is: AWS reports %s, but it was issued to %s", named(e.Reported), named(e.Cached))
}

func named(p credential.Principal) string {
	switch {
	case p.ARN == "":
		return "no principal"
	case p.UserID == "":
		return p.ARN
	}
	return p.ARN + " (" + p.UserID + ")"
}
