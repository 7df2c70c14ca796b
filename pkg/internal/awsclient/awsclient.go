// Package awsclient has the AWS SDK settings that all of daypass's AWS clients share.
//
// The settings come from the caller alone. The SDK's own configuration would look for credentials in the environment and
// in ~/.aws/config, and so find and run daypass itself.
package awsclient

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/daypass/daypass/pkg/credential"
)

// Options say where one AWS service is and how it is reached. Endpoints follow the SDK's own rules.
type Options struct {
	// Region is a region of any partition, or aws-global.
	Region string
	// Endpoint replaces the service's own URL if it is not empty.
	Endpoint        string
	FIPS, DualStack bool
	// HTTPClient sends the requests; nil means a client with Go's default transport. Redirects are never followed: AWS
	// sends none, and tokens, signatures and files are for one host alone.
	HTTPClient *http.Client
	// UserAgent is NAME/VERSION of the program.
	UserAgent string
}

// Config returns the options in the form that every service's NewFromConfig takes. Each attempt of a request ends after
// timeout, unless HTTPClient has its own; 0 means no limit.
func (o Options) Config(credentials aws.CredentialsProvider, timeout time.Duration) aws.Config {
	config := aws.Config{
		Region: o.Region, Credentials: credentials, HTTPClient: o.client(timeout), APIOptions: o.userAgent(),
		ConfigSources: []any{endpointOptions{o.FIPS, o.DualStack}},
	}
	if o.Endpoint != "" {
		config.BaseEndpoint = aws.String(o.Endpoint)
	}
	return config
}

func (o Options) client(timeout time.Duration) *http.Client {
	var client http.Client
	if o.HTTPClient != nil {
		client = *o.HTTPClient
	}
	if client.Timeout == 0 {
		client.Timeout = timeout
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

func (o Options) userAgent() []func(*middleware.Stack) error {
	name, version, _ := strings.Cut(o.UserAgent, "/")
	if name == "" {
		return nil
	}
	return []func(*middleware.Stack) error{awsmiddleware.AddUserAgentKeyValue(name, version)}
}

// endpointOptions is a configuration source, which is how an aws.Config carries these two settings.
type endpointOptions struct{ fips, dualStack bool }

// GetUseFIPSEndpoint implements an interface of the SDK's config package.
func (o endpointOptions) GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error) {
	return aws.FIPSEndpointStateEnabled, o.fips, nil
}

// GetUseDualStackEndpoint implements an interface of the SDK's config package.
func (o endpointOptions) GetUseDualStackEndpoint(context.Context) (aws.DualStackEndpointState, bool, error) {
	return aws.DualStackEndpointStateEnabled, o.dualStack, nil
}

// Credentials returns c in the SDK's form.
func Credentials(c credential.Credential) aws.Credentials {
	return aws.Credentials{
		AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey.Reveal(), SessionToken: c.SessionToken.Reveal(),
		Source: "daypass", CanExpire: !c.Expiration.IsZero(), Expires: c.Expiration, AccountID: c.Principal.AccountID(),
	}
}
