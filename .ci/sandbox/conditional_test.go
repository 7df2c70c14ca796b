//go:build integration

package sandbox

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// Debian's AWS CLI is older than conditional writes (its put-object has no --if-none-match), so this test uses AWS's
// SDK for Go. The SDK also sends checksums in trailers, which that CLI does not.
func TestConditionalWrite(t *testing.T) {
	overBoth(t, func(c *cloud) {
		client, key := c.s3(), c.prefixOf("alice")+"once.txt"
		put := func(text string, condition *string) error {
			_, err := client.PutObject(c.t.Context(), &s3.PutObjectInput{
				Bucket: aws.String(bucket), Key: &key, Body: strings.NewReader(text), IfNoneMatch: condition,
			})
			return err
		}
		c.must(put("first", aws.String("*")))
		err := put("second", aws.String("*"))
		if refused := smithy.APIError(nil); !errors.As(err, &refused) || refused.ErrorCode() != "PreconditionFailed" {
			c.t.Errorf("writing an existing key again: %v, want PreconditionFailed", err)
		}
		url := "s3://" + bucket + "/" + key
		if got := c.aws(c.keys(), "s3", "cp", url, "-"); got != "first" {
			c.t.Errorf("the object is %q, want %q", got, "first")
		}
		c.must(put("third", nil))
		if got := c.aws(c.keys(), "s3", "cp", url, "-"); got != "third" {
			c.t.Errorf("the object is %q, want %q", got, "third")
		}
	})
}

// s3 returns a client with alice's keys.
func (c *cloud) s3() *s3.Client {
	c.t.Helper()
	keys := c.keys()
	value := func(name string) string {
		i := slices.IndexFunc(keys, func(entry string) bool { return strings.HasPrefix(entry, name+"=") })
		if i < 0 {
			c.t.Fatalf("daypass env prints no %s", name)
		}
		return strings.TrimPrefix(keys[i], name+"=")
	}
	held := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: value("AWS_ACCESS_KEY_ID"), SecretAccessKey: value("AWS_SECRET_ACCESS_KEY"), SessionToken: value("AWS_SESSION_TOKEN")}, nil
	})
	return s3.New(s3.Options{
		Region: c.variables["AWS_REGION"], BaseEndpoint: aws.String(c.variables["AWS_ENDPOINT_URL_S3"]), UsePathStyle: true,
		Credentials: held, HTTPClient: c.client(),
	})
}
