//go:build integration

package sandbox

import (
	"strings"
	"testing"
)

// The AWS_CONFIG_FILE works unchanged and without a previous sign-in. Its credential_process is this daypass-sandbox.
func TestProfilesWorkAsTheyStand(t *testing.T) {
	overBoth(t, func(c *cloud) {
		for _, check := range []struct{ profile, role string }{
			{"demo", ":assumed-role/PhotoUploader/alice@example.com"},
			{"demo-cognito", ":assumed-role/PhotoUploader/CognitoIdentityCredentials"},
			{"demo-guest", ":assumed-role/PhotoGuest/CognitoIdentityCredentials"},
		} {
			who := c.answer(c.aws(nil, "--profile", check.profile, "sts", "get-caller-identity"))
			if !strings.HasSuffix(who.Arn, check.role) {
				c.t.Errorf("with profile %s I am %q, want …%s", check.profile, who.Arn, check.role)
			}
		}
		file, url := c.write("home/hello.txt", "hello"), "s3://"+bucket+"/"+c.prefixOf("alice")
		c.aws(nil, "s3", "cp", file, url) // AWS_PROFILE is demo
		if listed := c.aws(nil, "--profile", "demo", "s3", "ls", url); !strings.HasSuffix(listed, " hello.txt\n") {
			c.t.Errorf("`aws s3 ls` says %q", listed)
		}
		c.wantRefused("AccessDenied", nil, "--profile", "demo-cognito", "s3", "cp", file, url)
		c.wantRefused("AccessDenied", nil, "--profile", "demo-guest", "s3", "cp", file, url)
	})
}
