package sandbox

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func start(t *testing.T) *Sandbox {
	t.Helper()
	return startWith(t, Options{})
}

// From a sign-in through STS to an object under the user's own prefix, and no other.
func TestThroughSTS(t *testing.T) {
	t.Parallel()
	s := start(t)
	in := input(idToken(t, s.IdP))
	in.RoleArn = aws.String(RoleARN)
	out, err := stsClient(s.STS).AssumeRoleWithWebIdentity(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	session, _ := s.STS.sessions.Find(*out.Credentials.AccessKeyId)
	client := s3Client(s.S3, session)
	if _, err := client.PutObject(t.Context(), put(own, "x")); err != nil {
		t.Error(err)
	}
	_, err = client.PutObject(t.Context(), put("uploads/bob/x", "x"))
	wantAWSError(t, "bob's prefix", err, "AccessDenied", "")

	caller := func(session Session) (*sts.GetCallerIdentityOutput, error) {
		fixed := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentialsOf(session), nil })
		return stsClient(s.STS).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}, func(o *sts.Options) { o.Credentials = fixed })
	}
	who, err := caller(session)
	if err != nil || *who.Arn != *out.AssumedRoleUser.Arn || *who.Account != "111122223333" || *who.UserId != *out.AssumedRoleUser.AssumedRoleId {
		t.Errorf("GetCallerIdentity = %v, %v", who, err)
	}
	session.SecretAccessKey = session.SessionToken
	_, err = caller(session)
	wantAWSError(t, "a wrong secret", err, "SignatureDoesNotMatch", "")
	session.AccessKeyID = "ASIAUNKNOWN"
	_, err = caller(session)
	wantAWSError(t, "an unknown key", err, "InvalidClientTokenId", "")
	_, err = stsClient(s.STS).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}, func(o *sts.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return credentialsOf(s.STS.sessions.issue(Session{Expiration: time.Now()}, 0)), nil
		})
	})
	wantAWSError(t, "an ended session", err, "ExpiredToken", "")
}

func TestThroughThePool(t *testing.T) {
	t.Parallel()
	s := start(t)
	client, token := cognitoClient(s.Cognito), logins(s.IdP, idToken(t, s.IdP))
	id, err := client.GetId(t.Context(), &cognitoidentity.GetIdInput{IdentityPoolId: aws.String(PoolID), Logins: token})
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.GetCredentialsForIdentity(t.Context(), &cognitoidentity.GetCredentialsForIdentityInput{IdentityId: id.IdentityId, Logins: token})
	if err != nil {
		t.Fatal(err)
	}
	session, _ := s.STS.sessions.Find(*out.Credentials.AccessKeyId)
	objects := s3Client(s.S3, session)
	if _, err := objects.PutObject(t.Context(), put("u/"+*id.IdentityId+"/x", "x")); err != nil {
		t.Error(err)
	}
	_, err = objects.PutObject(t.Context(), put(own, "x"))
	wantAWSError(t, "the prefix of STS", err, "AccessDenied", "")
}

// Credentials expire by the sandbox's clock, not the machine's.
func TestOneClock(t *testing.T) {
	t.Parallel()
	s := start(t)
	past := time.Now().Add(-10 * time.Minute)
	s.SetNow(func() time.Time { return past })
	in := input(idToken(t, s.IdP))
	in.RoleArn = aws.String(RoleARN)
	out, err := stsClient(s.STS).AssumeRoleWithWebIdentity(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := *out.Credentials.Expiration, past.Add(time.Hour).UTC().Truncate(time.Second); !got.Equal(want) {
		t.Errorf("Expiration = %v, want %v", got, want)
	}
	session, _ := s.STS.sessions.Find(*out.Credentials.AccessKeyId)
	session.Expiration = past
	if _, err := s3Client(s.S3, session).PutObject(t.Context(), put(own, "x")); err != nil {
		t.Errorf("a session by the sandbox's clock: %v", err)
	}
}

// The variables are the SDKs' own and name the running servers.
func TestEnviron(t *testing.T) {
	t.Parallel()
	s := start(t)
	environ := s.Environ()
	if len(environ) != 3 {
		t.Errorf("Environ() = %v, want three variables", environ)
	}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		u, err := url.Parse(value)
		if !strings.HasPrefix(name, "AWS_ENDPOINT_URL_") || err != nil || u.Hostname() != "127.0.0.1" {
			t.Errorf("%s: want AWS_ENDPOINT_URL_… on 127.0.0.1", entry)
		}
	}
}

// Operations that must not be signed are refused if they are, and counted.
func TestSignedIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	for name, server := range map[string]*server{"STS": &s.STS.server, "Cognito": &s.Cognito.server} {
		body := strings.NewReader("Action=AssumeRoleWithWebIdentity&Version=2011-06-15")
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL(), body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode < 400 || server.Count("signed") != 1 {
			t.Errorf("%s: status %d, counted %d, want it refused and 1", name, resp.StatusCode, server.Count("signed"))
		}
	}
}
