package sandbox

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
)

func newCognito(t *testing.T, p *IdP) *Cognito {
	t.Helper()
	c, err := NewCognito(&Sessions{}, Pool{ID: PoolID, Issuers: map[string][]string{p.URL(): {"daypass"}}, AuthenticatedRole: RoleARN},
		Pool{ID: PoolID + "0", Issuers: map[string][]string{p.URL(): {"daypass"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func cognitoClient(c *Cognito) *cognitoidentity.Client {
	return cognitoidentity.New(cognitoidentity.Options{Region: "us-east-1", BaseEndpoint: aws.String(c.URL()),
		Credentials: aws.AnonymousCredentials{}, RetryMaxAttempts: 1})
}

// logins returns the logins map of one token. Its key is the issuer without the scheme.
func logins(p *IdP, token string) map[string]string {
	return map[string]string{strings.TrimPrefix(p.URL(), "http://"): token}
}

func TestCognito(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	c := newCognito(t, p)
	client, token := cognitoClient(c), logins(p, idToken(t, p))
	first, err := client.GetId(t.Context(), &cognitoidentity.GetIdInput{IdentityPoolId: aws.String(PoolID), Logins: token})
	if err != nil {
		t.Fatal(err)
	}
	again, err := client.GetId(t.Context(), &cognitoidentity.GetIdInput{IdentityPoolId: aws.String(PoolID), Logins: logins(p, idToken(t, p))})
	if err != nil || *again.IdentityId != *first.IdentityId {
		t.Errorf("the second GetId = %v, %v, want the same identity", again, err)
	}
	out, err := client.GetCredentialsForIdentity(t.Context(), &cognitoidentity.GetCredentialsForIdentityInput{IdentityId: first.IdentityId, Logins: token})
	if err != nil {
		t.Fatal(err)
	}
	session, ok := c.sessions.Find(*out.Credentials.AccessKeyId)
	if !ok || session.IdentityID != *first.IdentityId || session.Subject != "" || session.SecretAccessKey.Reveal() != *out.Credentials.SecretKey {
		t.Errorf("the session is %+v, %t", session, ok)
	}
	if left := time.Until(*out.Credentials.Expiration); left < 59*time.Minute || left > time.Hour {
		t.Errorf("lifetime %v, want an hour", left)
	}
	if c.Count("GetId") != 2 || c.Count("GetCredentialsForIdentity") != 1 || c.Count("signed") != 0 {
		t.Error("wrong counts")
	}
}

// bob and alice get two identities, and neither token yields the other's credentials.
func TestCognitoPersons(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	client := cognitoClient(newCognito(t, p))
	alice := logins(p, idToken(t, p))
	p.Set(func(k *Knobs) { k.AutoSignIn = "bob" })
	bob := logins(p, idToken(t, p))
	one, err := client.GetId(t.Context(), &cognitoidentity.GetIdInput{IdentityPoolId: aws.String(PoolID), Logins: alice})
	if err != nil {
		t.Fatal(err)
	}
	two, err := client.GetId(t.Context(), &cognitoidentity.GetIdInput{IdentityPoolId: aws.String(PoolID), Logins: bob})
	if err != nil || *one.IdentityId == *two.IdentityId {
		t.Fatalf("identities of two persons: %v, %v", two, err)
	}
	for name, c := range map[string]struct {
		id            *string
		logins        map[string]string
		code, message string
	}{
		"bob's token":  {one.IdentityId, bob, "NotAuthorizedException", "Logins don't match."},
		"no token":     {one.IdentityId, nil, "NotAuthorizedException", "is forbidden."},
		"unknown":      {aws.String("us-east-1:0"), alice, "ResourceNotFoundException", "not found"},
		"other issuer": {one.IdentityId, map[string]string{"accounts.google.com": "x.y.z"}, "NotAuthorizedException", "not from a supported provider"},
	} {
		_, err := client.GetCredentialsForIdentity(t.Context(), &cognitoidentity.GetCredentialsForIdentityInput{IdentityId: c.id, Logins: c.logins})
		wantAWSError(t, name, err, c.code, c.message)
	}
}

func TestCognitoRefusesTokens(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	c := newCognito(t, p)
	client := cognitoClient(c)
	for name, want := range map[string]struct {
		knob    func(*Knobs)
		message string
	}{
		"WrongAudience": {func(k *Knobs) { k.WrongAudience = true }, "Token is not from a supported provider of this identity pool."},
		"WrongIssuer":   {func(k *Knobs) { k.WrongIssuer = true }, "Issuer doesn't match providerName"},
		"WrongKey":      {func(k *Knobs) { k.WrongKey = true }, "Couldn't verify signed token."},
		"AlgNone":       {func(k *Knobs) { k.AlgNone = true }, "Not a valid OpenId Connect identity token."},
		"Expired":       {func(k *Knobs) { k.Expired = true }, "Invalid login token. Token expired: "},
		"just expired":  {func(k *Knobs) { k.TokenLife = -time.Second }, "Invalid login token. Token expired: "},
	} {
		p.Set(func(k *Knobs) { *k = Knobs{AutoSignIn: "alice", TokenLife: time.Hour}; want.knob(k) })
		_, err := client.GetId(t.Context(), &cognitoidentity.GetIdInput{IdentityPoolId: aws.String(PoolID), Logins: logins(p, idToken(t, p))})
		wantAWSError(t, name, err, "NotAuthorizedException", want.message)
	}
	_, err := client.GetId(t.Context(), &cognitoidentity.GetIdInput{IdentityPoolId: aws.String(PoolID)})
	wantAWSError(t, "a guest", err, "NotAuthorizedException", "Unauthenticated access is not supported")
	_, err = client.GetId(t.Context(), &cognitoidentity.GetIdInput{IdentityPoolId: aws.String("us-east-1:0")})
	wantAWSError(t, "an unknown pool", err, "ResourceNotFoundException", "")
	c.Break(Fault{Code: "TooManyRequestsException", Message: "slow down"})
	_, err = client.GetId(t.Context(), &cognitoidentity.GetIdInput{IdentityPoolId: aws.String(PoolID)})
	wantAWSError(t, "a fault", err, "TooManyRequestsException", "slow down")
}

func TestCognitoWithoutRole(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	client, token := cognitoClient(newCognito(t, p)), logins(p, idToken(t, p))
	id, err := client.GetId(t.Context(), &cognitoidentity.GetIdInput{IdentityPoolId: aws.String(PoolID + "0"), Logins: token})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.GetCredentialsForIdentity(t.Context(), &cognitoidentity.GetCredentialsForIdentityInput{IdentityId: id.IdentityId, Logins: token})
	wantAWSError(t, "a pool without a role", err, "InvalidIdentityPoolConfigurationException", "Check assigned IAM roles")
}

// Two logins sent together become one identity.
func TestIdentityBook(t *testing.T) {
	t.Parallel()
	var b identityStore
	google, okta := person{"google", "1"}, person{"okta", "2"}
	first, _ := b.signIn("r:pool", []person{google})
	if both, err := b.signIn("r:pool", []person{okta, google}); err != nil || both != first {
		t.Errorf("linked to %s, %v, want %s", both, err, first)
	}
	if alone, err := b.signIn("r:pool", []person{okta}); err != nil || alone != first {
		t.Errorf("the linked login alone is %s, %v, want %s", alone, err, first)
	}
	stranger := person{"okta", "3"}
	if other, err := b.signIn("r:pool", []person{stranger}); err != nil || other == first {
		t.Errorf("an unrelated login has identity %s, %v", other, err)
	}
	if _, err := b.signIn("r:pool", []person{google, stranger}); err != errLoginTaken {
		t.Errorf("two logins of one provider: %v, want %v", err, errLoginTaken)
	}
	if elsewhere, _ := b.signIn("r:pool2", []person{google}); elsewhere == first {
		t.Error("two pools share an identity")
	}
}
