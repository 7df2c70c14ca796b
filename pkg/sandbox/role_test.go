package sandbox

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/daypass/daypass/pkg/policy"
)

func TestFederatedPrincipal(t *testing.T) {
	t.Parallel()
	const chinese = "arn:aws-cn:iam::444455556666:role/team/Archive"
	for issuer, want := range map[string]string{
		"https://accounts.google.com":     "accounts.google.com",
		cognitoIssuer:                     "cognito-identity.amazonaws.com",
		facebook:                          facebook,
		"https://idp.example.com/realms/": "arn:aws-cn:iam::444455556666:oidc-provider/idp.example.com/realms/",
		"http://127.0.0.1:4321":           "arn:aws-cn:iam::444455556666:oidc-provider/127.0.0.1:4321",
	} {
		if got := federatedPrincipal(chinese, issuer); got != want {
			t.Errorf("%s is %s, want %s", issuer, got, want)
		}
	}
	if got, want := assumedARN(chinese, "me"), "arn:aws-cn:sts::444455556666:assumed-role/Archive/me"; got != want {
		t.Errorf("assumedARN = %s, want %s", got, want)
	}
}

// IAM would accept the policies that the sandbox writes.
func TestWrittenPoliciesParse(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, role := range s.STS.Roles {
		for _, statement := range role.trust().Statements {
			if statement.Principal == nil || len(statement.Conditions) == 0 {
				t.Errorf("%s: the trust statement %+v has no principal or no condition", role.ARN, statement)
			}
		}
	}
	request := policy.Request{Action: "s3:PutObject", Resource: "arn:aws:s3:::b/u/1/x", Context: policy.Context{"h:sub": {"1"}}}
	if d := documentOf(ownPrefix("b", "u/${h:sub}/")...).Evaluate(request); !d.Allowed() {
		t.Error(d.Explain())
	}
}

// The basic flow: STS receives a pool's own token, and the trust policy distinguishes guests from others.
func TestPoolTokensAtSTS(t *testing.T) {
	t.Parallel()
	b := newPoolBench(t, nil)
	trusting := func(amr string) Role {
		return Role{ARN: roleARN + amr, Trust: documentOf(trustPool(PoolID, amr))}
	}
	s, err := NewSTS(b.c.sessions, trusting("authenticated"), trusting("unauthenticated"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.TrustPools(b.c)
	guest, member := b.id(), b.id(b.google.login("alice"))
	guestToken, _, err := b.openIDToken(guest, nil)
	if err != nil {
		t.Fatal(err)
	}
	memberToken, _, err := b.openIDToken(member, b.google.login("alice"))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ token, role, id, code string }{
		{memberToken, "authenticated", member, ""},
		{guestToken, "unauthenticated", guest, ""},
		{guestToken, "authenticated", "", "AccessDenied"},
		{memberToken, "unauthenticated", "", "AccessDenied"},
		{memberToken[:len(memberToken)-4] + "AAAA", "authenticated", "", "InvalidIdentityToken"},
	} {
		in := input(row.token)
		in.RoleArn = aws.String(roleARN + row.role)
		out, err := stsClient(s).AssumeRoleWithWebIdentity(t.Context(), in)
		if row.code != "" {
			wantAWSError(t, row.role+" (cognito §8)", err, row.code, "")
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		session, _ := s.sessions.Find(*out.Credentials.AccessKeyId)
		if got := session.context(nil).Lookup("cognito-identity.amazonaws.com:sub"); session.IdentityID != row.id || len(got) != 1 || got[0] != row.id || session.Subject != "" {
			t.Errorf("the session of %s has identity %q, sub %q", row.id, session.IdentityID, got)
		}
	}
}

// The enhanced flow evaluates the trust policy too, and AWS's session policy limits its guests.
func TestEnhancedFlowAsksTrust(t *testing.T) {
	t.Parallel()
	b := newPoolBench(t, nil)
	s, err := NewSTS(b.c.sessions, Role{ARN: memberRole, Trust: documentOf(trustPool("us-east-1:another", "authenticated"))},
		Role{ARN: guestRole, Trust: documentOf(trustPool(PoolID, "unauthenticated")), Permissions: []policy.Document{documentOf(policy.Statement{Effect: policy.Allow, Action: []string{"*"}, Resource: []string{"*"}})}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.TrustPools(b.c)
	_, err = b.credentials(b.id(b.google.login("alice")), b.google.login("alice"), "")
	wantAWSError(t, "a role that trusts another pool (cognito §7)", err, "InvalidIdentityPoolConfigurationException", "")
	guest, err := b.credentials(b.id(), nil, "")
	if err != nil {
		t.Fatal(err)
	}
	session, _ := s.sessions.Find(guest.AccessKeyID)
	if !session.permits("s3:PutObject", "arn:aws:s3:::b/x", nil).Allowed() || session.permits("sts:AssumeRole", roleARN, nil).Allowed() {
		t.Error("a guest's session must allow S3 and not STS (cognito §4)")
	}
}
