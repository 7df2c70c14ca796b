package awsclient

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// A client made from Config has the options and nothing from the environment.
func TestConfig(t *testing.T) {
	for name, value := range map[string]string{"AWS_ENDPOINT_URL_STS": "https://other.example", "AWS_USE_FIPS_ENDPOINT": "true",
		"AWS_USE_DUALSTACK_ENDPOINT": "true", "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "other"} {
		t.Setenv(name, value)
	}
	for _, want := range []Options{
		{Region: "us-east-1"},
		{Region: "us-east-1", Endpoint: "https://sts.example", FIPS: true},
		{DualStack: true},
	} {
		got := sts.NewFromConfig(want.Config(aws.AnonymousCredentials{}, 0)).Options()
		if got.Region != want.Region || aws.ToString(got.BaseEndpoint) != want.Endpoint || got.Credentials != nil ||
			got.EndpointOptions.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled != want.FIPS ||
			got.EndpointOptions.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled != want.DualStack {
			t.Errorf("%+v: the client has region %q, endpoint %q, credentials %v, endpoint options %+v",
				want, got.Region, aws.ToString(got.BaseEndpoint), got.Credentials, got.EndpointOptions)
		}
	}
}
