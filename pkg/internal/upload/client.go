package upload

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/daypass/daypass/pkg/internal/awsclient"
)

// failTimeout limits the request that aborts a failed or interrupted multipart upload. Parts that remain cost money.
const failTimeout = 15 * time.Second

// expiryWindow is how long before its expiration a credential is replaced.
const expiryWindow = 10 * time.Second

func (u *Uploader) newClient() *s3.Client {
	config := u.Config(aws.NewCredentialsCache(u.credentialsProvider(), func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = expiryWindow }), 0)
	config.RequestChecksumCalculation = u.checksums()
	return s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = u.PathStyle })
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

// credentialsError marks an error of the Credentials function, so that newError finds it among the SDK's.
type credentialsError struct{ err error }

func (e *credentialsError) Error() string { return e.err.Error() }
func (e *credentialsError) Unwrap() error { return e.err }

func (u *Uploader) credentialsProvider() aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		c, err := u.Credentials(ctx)
		if err != nil {
			return aws.Credentials{}, &credentialsError{err}
		}
		return awsclient.Credentials(c), nil
	})
}
