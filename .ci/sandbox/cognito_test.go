//go:build integration

package sandbox

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAWSAsksTheIdentityPool(t *testing.T) {
	overBoth(t, func(c *cloud) {
		_, provider, _ := strings.Cut(c.setting("issuer"), "://")
		logins, err := json.Marshal(map[string]string{provider: c.idToken("alice")})
		c.must(err)
		getID := []string{"cognito-identity", "get-id", "--no-sign-request", "--identity-pool-id", c.setting("id")}
		getKeys := []string{"cognito-identity", "get-credentials-for-identity", "--no-sign-request", "--identity-id"}

		alice := c.answer(c.aws(nil, append(getID, "--logins", string(logins))...)).IdentityID
		if again := c.answer(c.aws(nil, append(getID, "--logins", string(logins))...)).IdentityID; again != alice {
			c.t.Errorf("alice has identity %s, and %s the second time", alice, again)
		}
		signedIn := c.answer(c.aws(nil, append(getKeys, alice, "--logins", string(logins))...))
		guest := c.answer(c.aws(nil, getID...)).IdentityID
		asGuest := c.answer(c.aws(nil, append(getKeys, guest)...))
		one := c.answer(c.aws(signedIn.environ(), "sts", "get-caller-identity")).Arn
		other := c.answer(c.aws(asGuest.environ(), "sts", "get-caller-identity")).Arn
		if alice == guest || one == other {
			c.t.Errorf("alice is %s as %s, a guest is %s as %s: want them to differ", alice, one, guest, other)
		}

		c.wantRefused("NotAuthorizedException", nil, append(getKeys, alice)...)
		c.wantRefused("NotAuthorizedException", nil, append(getID, "--logins", `{"`+provider+`":"not.a.token"}`)...)
		c.wantRefused("ResourceNotFoundException", nil, "cognito-identity", "get-id", "--no-sign-request",
			"--identity-pool-id", strings.Replace(c.setting("id"), "1111", "9999", 1))

		file, own := c.write("home/hello.txt", "hello"), "s3://"+bucket+"/u/"+alice+"/hello.txt"
		c.aws(signedIn.environ(), "s3", "cp", file, own)
		c.wantRefused("AccessDenied", asGuest.environ(), "s3", "cp", file, own)
	})
}
