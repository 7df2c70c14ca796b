//go:build integration

package sandbox

import (
	"encoding/json"
	"strings"
	"testing"
)

// answer is the output of the AWS CLI, as far as the tests need it.
type answer struct {
	Credentials struct {
		AccessKeyID     string `json:"AccessKeyId"`
		SecretAccessKey string // STS
		SecretKey       string // Cognito's name for it
		SessionToken    string
	}
	SubjectFromWebIdentityToken, Audience, Provider string
	Account, Arn                                    string
	IdentityID                                      string `json:"IdentityId"`
}

func (c *cloud) answer(text string) (a answer) {
	c.t.Helper()
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		c.t.Fatalf("reading the AWS CLI's answer: %v", err)
	}
	return a
}

// environ returns the keys as variables for the AWS CLI.
func (a answer) environ() []string {
	return []string{
		"AWS_ACCESS_KEY_ID=" + a.Credentials.AccessKeyID, "AWS_SESSION_TOKEN=" + a.Credentials.SessionToken,
		"AWS_SECRET_ACCESS_KEY=" + a.Credentials.SecretAccessKey + a.Credentials.SecretKey,
		"AWS_CONFIG_FILE=/dev/null", "AWS_PROFILE=",
	}
}

func TestAWSAssumesTheRole(t *testing.T) {
	overBoth(t, func(c *cloud) {
		role, idToken := c.setting("arn"), c.idToken("alice")
		assume := []string{"sts", "assume-role-with-web-identity", "--no-sign-request", "--role-arn", role,
			"--role-session-name", "by-hand", "--web-identity-token"}
		a := c.answer(c.aws(nil, append(assume, idToken)...))
		if want := c.subjectOf(idToken); a.SubjectFromWebIdentityToken != want {
			c.t.Errorf("subject %q, want %q", a.SubjectFromWebIdentityToken, want)
		}
		if a.Audience != c.setting("client_id") {
			c.t.Errorf("audience %q, want %q", a.Audience, c.setting("client_id"))
		}
		who := c.answer(c.aws(a.environ(), "sts", "get-caller-identity"))
		want := strings.Replace(strings.Replace(role, ":iam:", ":sts:", 1), ":role/", ":assumed-role/", 1) + "/by-hand"
		if who.Arn != want {
			c.t.Errorf("I am %q, want %q", who.Arn, want)
		}

		c.wantRefused("InvalidIdentityToken", nil, append(assume, idToken[:len(idToken)-8]+"AAAAAAAA")...)
		c.wantRefused("AccessDenied", nil, "sts", "assume-role-with-web-identity", "--no-sign-request", "--role-arn", role+"Other",
			"--role-session-name", "by-hand", "--web-identity-token", idToken)
		stolen := append(a.environ(), "AWS_SECRET_ACCESS_KEY=another")
		c.wantRefused("SignatureDoesNotMatch", stolen, "sts", "get-caller-identity")
	})
}
