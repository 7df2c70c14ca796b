package upload

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"

	"github.com/daypass/daypass/pkg/credential"
)

// failTimeout is how long the parts of a transfer that failed may take to be aborted, an interrupted one's
// included; without it they would stay and cost money.
const failTimeout = 15 * time.Second

// expiryWindow is how long before its end a credential is not signed with any more.
const expiryWindow = 10 * time.Second

// newClient builds the S3 client from u alone: the SDK's own configuration would look for credentials in
// the environment, and so find and call daypass itself.
func (u *Uploader) newClient() *s3.Client {
	options := s3.Options{
		APIOptions:                 u.userAgent(),
		Credentials:                aws.NewCredentialsCache(u.credentialsProvider(), func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = expiryWindow }),
		Region:                     u.Region,
		UsePathStyle:               u.PathStyle,
		RequestChecksumCalculation: u.checksums(),
	}
	if u.Endpoint != "" {
		options.BaseEndpoint = aws.String(u.Endpoint)
	}
	if u.FIPS {
		options.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
	}
	if u.DualStack {
		options.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled
	}
	if u.HTTPClient != nil {
		options.HTTPClient = withoutRedirects(u.HTTPClient)
	}
	return s3.New(options)
}

func (u *Uploader) checksums() aws.RequestChecksumCalculation {
	if u.ChecksumWhenRequired {
		return aws.RequestChecksumCalculationWhenRequired
	}
	return aws.RequestChecksumCalculationWhenSupported
}

func (u *Uploader) transfers(client transfermanager.S3APIClient) *transfermanager.Client {
	return transfermanager.New(client, func(o *transfermanager.Options) {
		o.FailTimeout = failTimeout
		o.RequestChecksumCalculation = u.checksums()
	})
}

func (u *Uploader) userAgent() []func(*middleware.Stack) error {
	name, version, _ := strings.Cut(u.UserAgent, "/")
	if name == "" {
		return nil
	}
	return []func(*middleware.Stack) error{awsmiddleware.AddUserAgentKeyValue(name, version)}
}

// withoutRedirects follows nothing: a signature holds for one host alone, and the file is for no other.
func withoutRedirects(client *http.Client) *http.Client {
	still := *client
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &still
}

// credentialsError marks an error of the Credentials function on its way through the SDK.
type credentialsError struct{ err error }

func (e *credentialsError) Error() string { return e.err.Error() }
func (e *credentialsError) Unwrap() error { return e.err }

func (u *Uploader) credentialsProvider() aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		c, err := u.Credentials(ctx)
		if err != nil {
			return aws.Credentials{}, &credentialsError{err}
		}
		return sdkCredentials(c), nil
	})
}

func sdkCredentials(c credential.Credential) aws.Credentials {
	return aws.Credentials{
		AccessKeyID:     c.AccessKeyID,
		SecretAccessKey: c.SecretAccessKey.Reveal(),
		SessionToken:    c.SessionToken.Reveal(),
		Source:          "daypass",
		CanExpire:       !c.Expiration.IsZero(),
		Expires:         c.Expiration,
		AccountID:       c.Principal.AccountID(),
	}
}
