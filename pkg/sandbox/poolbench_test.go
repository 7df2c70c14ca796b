package sandbox

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
)

const (
	memberRole = "arn:aws:iam::111122223333:role/Member"
	guestRole  = "arn:aws:iam::111122223333:role/Guest"
	adminRole  = "arn:aws:iam::111122223333:role/Admin"
)

// poolBench is a pool with two OIDC providers and Facebook, and a client for it. Facebook's tokens are "APP:USER".
type poolBench struct {
	t            *testing.T
	c            *Cognito
	client       *cognitoidentity.Client
	google, okta *stubIdP
}

func newPoolBench(t *testing.T, change func(*poolBench, *Pool)) *poolBench {
	t.Helper()
	b := &poolBench{t: t, google: newStubIdP(t), okta: newStubIdP(t)}
	pool := Pool{
		ID:      PoolID,
		Issuers: map[string][]string{b.google.server.URL: {"app", "cli"}, b.okta.server.URL: {"app"}},
		Apps:    map[string]string{"graph.facebook.com": "app", "www.amazon.com": "app"}, Guests: true, Classic: true,
		AuthenticatedRole: memberRole, UnauthenticatedRole: guestRole,
	}
	if change != nil {
		change(b, &pool)
	}
	var err error
	if b.c, err = NewCognito(&Sessions{}, pool); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.c.Close() })
	b.c.Inspectors["graph.facebook.com"] = func(token string) (appID, userID string, ok bool) {
		if len(token) < 4 || token[3] != ':' {
			return "", "", false
		}
		return token[:3], token[4:], true
	}
	b.client = cognitoClient(b.c)
	return b
}

func facebookLogin(token string) map[string]string {
	return map[string]string{"graph.facebook.com": token}
}

func (b *poolBench) getID(logins map[string]string) (string, error) {
	out, err := b.client.GetId(b.t.Context(), &cognitoidentity.GetIdInput{IdentityPoolId: aws.String(PoolID), Logins: logins})
	if err != nil {
		return "", err
	}
	return *out.IdentityId, nil
}

// id is getID when it must succeed.
func (b *poolBench) id(logins ...map[string]string) string {
	b.t.Helper()
	id, err := b.getID(together(logins...))
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

// credentials requests a session, with a custom role unless custom is empty.
func (b *poolBench) credentials(id string, logins map[string]string, custom string) (Session, error) {
	in := &cognitoidentity.GetCredentialsForIdentityInput{IdentityId: &id, Logins: logins}
	if custom != "" {
		in.CustomRoleArn = &custom
	}
	out, err := b.client.GetCredentialsForIdentity(b.t.Context(), in)
	if err != nil {
		return Session{}, err
	}
	session, _ := b.c.sessions.Find(*out.Credentials.AccessKeyId)
	if session.IdentityID != *out.IdentityId {
		b.t.Errorf("the answer is for %s and the session for %s", *out.IdentityId, session.IdentityID)
	}
	return session, nil
}

func (b *poolBench) openIDToken(id string, logins map[string]string) (token, owner string, err error) {
	out, err := b.client.GetOpenIdToken(b.t.Context(), &cognitoidentity.GetOpenIdTokenInput{IdentityId: &id, Logins: logins})
	if err != nil {
		return "", "", err
	}
	return *out.Token, *out.IdentityId, nil
}

func (b *poolBench) unlink(id string, logins map[string]string, providers ...string) error {
	_, err := b.client.UnlinkIdentity(b.t.Context(), &cognitoidentity.UnlinkIdentityInput{IdentityId: &id, Logins: logins, LoginsToRemove: providers})
	return err
}

// defaultPrincipalTags are the console's «default mappings».
func defaultPrincipalTags() map[string]string {
	return map[string]string{"username": "sub", "client": "aud"}
}
