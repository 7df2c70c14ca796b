package sandbox

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/daypass/daypass/pkg/policy"
)

const (
	archiveRole = "arn:aws:iam::111122223333:role/Archive"
	foreignRole = "arn:aws:iam::444455556666:role/Archive"
)

// roleBench is an STS with one role, an issuer with configurable claims, and an S3. In policies, HOST is the issuer's
// name and PROVIDER its ARN.
type roleBench struct {
	t      *testing.T
	issuer *stubIdP
	sts    *STS
	s3     *S3
}

// plainTrust is the beginning of nearly every trust policy.
const plainTrust = `{"Effect":"Allow","Principal":{"Federated":"PROVIDER"},"Action":"sts:AssumeRoleWithWebIdentity",
	"Condition":{"StringEquals":{"HOST:aud":"app"}}}`

func newRoleBench(t *testing.T, trust, permissions string) *roleBench {
	t.Helper()
	b := &roleBench{t: t, issuer: newStubIdP(t)}
	sessions := &Sessions{}
	role := Role{ARN: roleARN, Trust: b.trust(trust), MaxDuration: 2 * time.Hour}
	if permissions != "" {
		role.Permissions = []policy.Document{b.permissions(permissions)}
	}
	var err error
	if b.sts, err = NewSTS(sessions, role); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.sts.Close() })
	b.sts.Providers[b.issuer.server.URL] = []string{"app", "cli"}
	if b.s3, err = NewS3(sessions, "photos"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.s3.Close() })
	return b
}

// text makes a document of statements. It returns documents unchanged.
func (b *roleBench) text(statements string) []byte {
	if !strings.Contains(statements, `"Statement"`) {
		statements = `{"Version":"2012-10-17","Statement":[` + statements + `]}`
	}
	provider := "arn:aws:iam::111122223333:oidc-provider/" + b.issuer.name()
	return []byte(strings.NewReplacer("PROVIDER", provider, "HOST", b.issuer.name()).Replace(statements))
}

func (b *roleBench) trust(statements string) policy.Document {
	b.t.Helper()
	document, err := policy.ParseTrust(b.text(statements))
	if err != nil {
		b.t.Fatal(err)
	}
	return document
}

func (b *roleBench) permissions(statements string) policy.Document {
	b.t.Helper()
	document, err := policy.ParseIdentity(b.text(statements))
	if err != nil {
		b.t.Fatal(err)
	}
	return document
}

// assume calls STS through the SDK's client.
func (b *roleBench) assume(claims map[string]any, change func(*sts.AssumeRoleWithWebIdentityInput)) (Session, error) {
	in := input(b.issuer.token("alice", claims))
	if change != nil {
		change(in)
	}
	out, err := stsClient(b.sts).AssumeRoleWithWebIdentity(b.t.Context(), in)
	if err != nil {
		return Session{}, err
	}
	session, _ := b.sts.sessions.Find(*out.Credentials.AccessKeyId)
	return session, nil
}

// session assumes the role, which must succeed.
func (b *roleBench) session(claims map[string]any) Session {
	b.t.Helper()
	session, err := b.assume(claims, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return session
}

// chain assumes another role with a session.
func (b *roleBench) chain(session Session, roleARN string, change func(*sts.AssumeRoleInput)) (Session, error) {
	in := &sts.AssumeRoleInput{RoleArn: aws.String(roleARN), RoleSessionName: aws.String("onward")}
	if change != nil {
		change(in)
	}
	out, err := stsClient(b.sts).AssumeRole(b.t.Context(), in, signedBy(session))
	if err != nil {
		return Session{}, err
	}
	onward, _ := b.sts.sessions.Find(*out.Credentials.AccessKeyId)
	return onward, nil
}

// archive adds another role, with a trust policy for AWS principals.
func (b *roleBench) archive(arn, statements string) {
	b.sts.Roles[arn] = Role{ARN: arn, Trust: b.trust(statements), MaxDuration: 12 * time.Hour}
}

func signedBy(session Session) func(*sts.Options) {
	return func(o *sts.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentialsOf(session), nil })
	}
}

// wantRefusal checks code, HTTP status and a part of the message. source names the rule.
func wantRefusal(t *testing.T, source string, err error, code string, status int, message string) {
	t.Helper()
	wantAWSError(t, source, err, code, message)
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) && answer.HTTPStatusCode() != status {
		t.Errorf("%s: status %d, want %d", source, answer.HTTPStatusCode(), status)
	}
	if err != nil && strings.Contains(err.Error(), "eyJ") {
		t.Errorf("the refusal quotes a token: %v", err)
	}
}
