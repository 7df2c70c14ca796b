package credential

import (
	"slices"
	"strings"
	"testing"

	"github.com/daypass/daypass/pkg/secret"
)

// One of the two variables for the endpoint's token is set. The other is unset, and so are keys, which SDKs would prefer to
// the endpoint.
func TestContainerEnvironment(t *testing.T) {
	t.Parallel()
	const (
		url  = "AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_AUTHORIZATION_TOKEN"
		rest = " AWS_REGION AWS_DEFAULT_REGION AWS_EC2_METADATA_DISABLED | AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN " +
			"AWS_CREDENTIAL_EXPIRATION AWS_SECURITY_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE AWS_CONTAINER_CREDENTIALS_RELATIVE_URI " +
			"AWS_CONTAINER_AUTHORIZATION_TOKEN"
		end = " AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN"
	)
	for _, row := range []struct{ tokenFile, want string }{
		{"", url + rest + "_FILE" + end},
		{"/run/user/1000/token", url + "_FILE" + rest + end},
	} {
		e := NewContainerEnvironment("http://127.0.0.1:1234/credentials", secret.New("TOKEN"), row.tokenFile, Place{Region: "us-east-1"})
		if got := names(e); got != row.want {
			t.Errorf("with the file %q:\n got %s\nwant %s", row.tokenFile, got, row.want)
		}
	}
}

func TestOver(t *testing.T) {
	t.Parallel()
	e := NewEnvironment(sample(), Place{})
	got, err := e.Over([]string{
		"HOME=/home/alice", "AWS_PROFILE=work", "AWS_ACCESS_KEY_ID=AKIAOLD", "AWS_CONTAINER_AUTHORIZATION_TOKEN=old",
		"AWS_PROFILES=mine", "=C:=C:\\", "AWS_REGION=eu-central-1",
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, kept := range []string{"HOME=/home/alice", "AWS_PROFILES=mine", "=C:=C:\\", "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=ASIAEXAMPLE"} {
		if !slices.Contains(got, kept) {
			t.Errorf("%s is missing in %v", kept, got)
		}
	}
	for _, pair := range got {
		if strings.HasPrefix(pair, "AWS_PROFILE=") || strings.HasSuffix(pair, "OLD") || strings.HasSuffix(pair, "old") {
			t.Errorf("%s was not removed", pair)
		}
	}
	bad := sample()
	bad.AccessKeyID = "ASIA\x00EXAMPLE"
	if _, err := NewEnvironment(bad, Place{}).Over(nil); err == nil || strings.Contains(err.Error(), "EXAMPLE") {
		t.Errorf("a value with a NUL: %v, want an error that does not quote it", err)
	}
}
