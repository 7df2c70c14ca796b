//go:build integration

package integration

import (
	"fmt"
	"testing"

	"github.com/daypass/daypass/pkg/sandbox"
)

// newCloud starts the project's own sandbox, for tests that need a slow IdP, single-use refresh tokens, sessions of
// any length, or counters.
func newCloud(t *testing.T, o sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	c, err := sandbox.StartWith(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// newMachineAt returns alice's computer, whose daypass signs in at the sandbox.
func newMachineAt(t *testing.T, c *sandbox.Sandbox) *machine {
	t.Helper()
	return setUp(t, personConfig{Name: "alice", Sandbox: true}, fmt.Sprintf(`default_profile = "photos"
[profile.photos]
region = %q
login = { issuer = %q, client_id = "daypass" }
role = { arn = %q }
upload = { bucket = %q, prefix = "uploads/{sub}/" }
endpoints = { sts = %q, s3 = %q }
`, region, c.IdP.URL(), c.RoleARN, sandbox.Bucket, c.STS.URL(), c.S3.URL()), c.S3.URL())
}

// asked counts the requests to the sandbox.
type asked struct{ Pages, Codes, Renewals, Exchanges int }

func askedOf(c *sandbox.Sandbox) asked {
	return asked{c.IdP.Count("authorize"), c.IdP.Count("token:authorization_code"),
		c.IdP.Count("token:refresh_token"), c.STS.Count("AssumeRoleWithWebIdentity")}
}
