package sandbox

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/daypass/daypass/pkg/policy"
)

// trusting connects the pool to an STS in which the roles of members and guests have this trust policy. PROVIDER
// stands for Google's name. The roles permit everything.
func trusting(t *testing.T, b *poolBench, trust string) *STS {
	t.Helper()
	document, err := policy.ParseTrust([]byte(strings.ReplaceAll(trust, "PROVIDER", b.google.name())))
	if err != nil {
		t.Fatal(err)
	}
	everything := []policy.Document{documentOf(policy.Statement{Effect: policy.Allow, Action: []string{"*"}, Resource: []string{"*"}})}
	server, err := NewSTS(b.c.sessions, Role{ARN: memberRole, Trust: document, Permissions: everything},
		Role{ARN: guestRole, Trust: document, Permissions: everything})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	server.TrustPools(b.c)
	return server
}

// trustPolicy returns a trust policy for a principal with conditions.
func trustPolicy(principal, action, conditions string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + principal +
		`"},"Action":` + action + `,"Condition":{` + conditions + `}}]}`
}

const (
	poolPrincipal  = "cognito-identity.amazonaws.com"
	webIdentityOne = `"sts:AssumeRoleWithWebIdentity"`
	ofThisPool     = `"StringEquals":{"cognito-identity.amazonaws.com:aud":"` + PoolID + `"}`
)

func amr(value string) string {
	return `"ForAnyValue:StringLike":{"cognito-identity.amazonaws.com:amr":"` + value + `"}`
}

// Which trust policies yield credentials (§8; AWS role-trust-and-permissions and iam-roles).
func TestCognitoAsksTrust(t *testing.T) {
	t.Parallel()
	tagged := func(b *poolBench, p *Pool) {
		p.PrincipalTags = map[string]map[string]string{b.google.name(): defaultPrincipalTags()}
	}
	guest := func(*poolBench) map[string]string { return nil }
	google := func(b *poolBench) map[string]string { return b.google.login("alice") }
	face := func(*poolBench) map[string]string { return facebookLogin("app:7") }
	for name, c := range map[string]struct {
		pool   func(*poolBench, *Pool)
		trust  string
		logins func(*poolBench) map[string]string
		want   bool
	}{
		"authenticated":                       {nil, trustPolicy(poolPrincipal, webIdentityOne, ofThisPool+","+amr("authenticated")), google, true},
		"a guest is not authenticated":        {nil, trustPolicy(poolPrincipal, webIdentityOne, ofThisPool+","+amr("authenticated")), guest, false},
		"unauthenticated":                     {nil, trustPolicy(poolPrincipal, webIdentityOne, ofThisPool+","+amr("unauthenticated")), guest, true},
		"a member is not unauthenticated":     {nil, trustPolicy(poolPrincipal, webIdentityOne, ofThisPool+","+amr("unauthenticated")), google, false},
		"another pool":                        {nil, trustPolicy(poolPrincipal, webIdentityOne, `"StringEquals":{"cognito-identity.amazonaws.com:aud":"us-east-1:0"}`), google, false},
		"only Facebook, through it":           {nil, trustPolicy(poolPrincipal, webIdentityOne, ofThisPool+","+amr("graph.facebook.com")), face, true},
		"only Facebook, through Google":       {nil, trustPolicy(poolPrincipal, webIdentityOne, ofThisPool+","+amr("graph.facebook.com")), google, false},
		"only alice of Google":                {nil, trustPolicy(poolPrincipal, webIdentityOne, ofThisPool+","+amr("arn:aws:iam::111122223333:oidc-provider/PROVIDER:OIDC:alice")), google, true},
		"only bob of Google":                  {nil, trustPolicy(poolPrincipal, webIdentityOne, ofThisPool+","+amr("*:OIDC:bob")), google, false},
		"sub is the identity's, not Google's": {nil, trustPolicy(poolPrincipal, webIdentityOne, ofThisPool+`,"StringLike":{"cognito-identity.amazonaws.com:sub":"us-east-1:*"}`), google, true},
		"sts:AssumeRole is not enough":        {nil, trustPolicy(poolPrincipal, `"sts:AssumeRole"`, ofThisPool), google, false},
		"another principal":                   {nil, trustPolicy("accounts.google.com", webIdentityOne, ofThisPool), google, false},
		"tags need sts:TagSession":            {tagged, trustPolicy(poolPrincipal, webIdentityOne, ofThisPool), google, false},
		"tags":                                {tagged, trustPolicy(poolPrincipal, `["sts:AssumeRoleWithWebIdentity","sts:TagSession"]`, ofThisPool+`,"StringLike":{"aws:RequestTag/username":"ali*"}`), google, true},
		"a tag of another value":              {tagged, trustPolicy(poolPrincipal, `["sts:AssumeRoleWithWebIdentity","sts:TagSession"]`, ofThisPool+`,"StringLike":{"aws:RequestTag/username":"bob"}`), google, false},
		"guests have no tags":                 {tagged, trustPolicy(poolPrincipal, webIdentityOne, ofThisPool), guest, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newPoolBench(t, c.pool)
			trusting(t, b, c.trust)
			logins := c.logins(b)
			session, err := b.credentials(b.id(logins), logins, "")
			if !c.want {
				wantAWSError(t, "§7", err, "InvalidIdentityPoolConfigurationException", badConfiguration)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := map[bool]string{true: "alice", false: ""}[name == "tags"]; session.Tags["username"] != want {
				t.Errorf("tags = %v, want username %q", session.Tags, want)
			}
		})
	}
}

// In the basic flow the client names the role. Only the role's trust policy decides, and the permissions of guests
// are not limited (§3, §4).
func TestCognitoBasicFlow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trust, role string
		want        bool
	}{
		"the guests' role":                     {trustPolicy(poolPrincipal, webIdentityOne, ofThisPool+","+amr("unauthenticated")), guestRole, true},
		"the members' role asks amr":           {trustPolicy(poolPrincipal, webIdentityOne, ofThisPool+","+amr("authenticated")), memberRole, false},
		"the members' role without amr":        {trustPolicy(poolPrincipal, webIdentityOne, ofThisPool), memberRole, true},
		"the members' role with ForAllValues":  {trustPolicy(poolPrincipal, webIdentityOne, `"ForAllValues:StringLike":{"cognito-identity.amazonaws.com:sub":"*"}`), memberRole, true},
		"a role that trusts another pool only": {trustPolicy(poolPrincipal, webIdentityOne, `"StringEquals":{"cognito-identity.amazonaws.com:aud":"us-east-1:0"}`), memberRole, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newPoolBench(t, nil)
			server := trusting(t, b, c.trust)
			id := b.id()
			token, _, err := b.openIDToken(id, nil)
			if err != nil {
				t.Fatal(err)
			}
			out, err := stsClient(server).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
				RoleArn: aws.String(c.role), RoleSessionName: aws.String("guest"), WebIdentityToken: &token})
			if !c.want {
				wantAWSError(t, "AWS role-trust-and-permissions", err, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if *out.SubjectFromWebIdentityToken != id || *out.Audience != PoolID {
				t.Errorf("subject %s, audience %s, want %s, %s", *out.SubjectFromWebIdentityToken, *out.Audience, id, PoolID)
			}
			basic, _ := b.c.sessions.Find(*out.Credentials.AccessKeyId)
			if !basic.permits("iam:CreateUser", "*", nil).Allowed() {
				t.Error("the basic flow caps guests")
			}
		})
	}
}

// In the enhanced flow guests may only use AWS's list of services, which includes S3 (§4).
func TestCognitoGuestsAreCapped(t *testing.T) {
	t.Parallel()
	b := newPoolBench(t, nil)
	trusting(t, b, trustPolicy(poolPrincipal, webIdentityOne, ofThisPool))
	guest, err := b.credentials(b.id(), nil, "")
	if err != nil {
		t.Fatal(err)
	}
	logins := b.google.login("alice")
	member, err := b.credentials(b.id(logins), logins, "")
	if err != nil {
		t.Fatal(err)
	}
	for action, want := range map[string]bool{"s3:PutObject": true, "iam:CreateUser": false, "secretsmanager:GetSecretValue": false} {
		if got := guest.permits(action, "*", nil).Allowed(); got != want {
			t.Errorf("a guest may %s: %t, want %t", action, got, want)
		}
		if !member.permits(action, "*", nil).Allowed() {
			t.Errorf("a member may not %s, want no cap", action)
		}
	}
}
