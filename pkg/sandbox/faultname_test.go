package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Every fault has a name and does what its description says. A misspelled name is an error that lists them.
func TestFaultNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"s3", "idp:clock", "sts:throttled=0", "sts:throttled=x", "idp:slow=-2s", "idp:slow=fast", "idp:denied=yes"} {
		s, err := StartWith(Options{Faults: []string{name}})
		if err == nil {
			s.Close()
			t.Errorf("%q was accepted", name)
		}
	}
	_, err := StartWith(Options{Faults: []string{"s3:throttle"}})
	for _, f := range namedFaults() {
		if !strings.Contains(fmt.Sprint(err), f.part+":"+f.what) {
			t.Errorf("the error does not list %s:%s: %v", f.part, f.what, err)
		}
	}
}

func TestNamedFaultsOfAWS(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"sts:throttled": "Throttling", "sts:5xx": "ServiceUnavailable", "sts:clock-off=24h": "ExpiredTokenException",
		"sts:no-key": "InvalidIdentityToken", "sts:thumbprint": "InvalidIdentityToken", "cognito:idp-down": "ExternalServiceException",
		"cognito:throttled": "TooManyRequestsException", "cognito:5xx": "InternalErrorException", "cognito:clock-off": "",
		"s3:throttled": "SlowDown", "s3:5xx": "InternalError", "s3:kms-denied": "AccessDenied",
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startWith(t, Options{Faults: []string{name}})
			switch part, _, _ := strings.Cut(name, ":"); part {
			case "sts":
				in := input(idToken(t, s.IdP))
				in.RoleArn = aws.String(RoleARN)
				_, err := stsClient(s.STS).AssumeRoleWithWebIdentity(t.Context(), in, func(o *sts.Options) { o.RetryMaxAttempts = 1 })
				wantAWSError(t, name, err, want, "")
			case "cognito":
				in := &cognitoidentity.GetIdInput{IdentityPoolId: aws.String(PoolID), Logins: logins(s.IdP, idToken(t, s.IdP))}
				_, err := cognitoClient(s.Cognito).GetId(t.Context(), in, func(o *cognitoidentity.Options) { o.RetryMaxAttempts = 1 })
				if want != "" {
					wantAWSError(t, name, err, want, "")
				}
			case "s3":
				session := s.STS.sessions.issue(Session{Expiration: time.Now().Add(time.Hour), Subject: aliceSub}, 0)
				_, err := s3Client(s.S3, session).PutObject(t.Context(), put(own, "x"), func(o *s3.Options) { o.RetryMaxAttempts = 1 })
				wantAWSError(t, name, err, want, "")
			}
		})
	}
}

// The given number of requests fails, and the next ones succeed. A cut connection has no response.
func TestFaultsPass(t *testing.T) {
	t.Parallel()
	s := startWith(t, Options{Faults: []string{"s3:cut=1", "sts:throttled=2"}})
	once := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if resp, err := once.Post(s.S3.URL()+"/photos/x", "", nil); err == nil {
		resp.Body.Close()
		t.Errorf("the cut connection answered %d", resp.StatusCode)
	}
	resp, err := once.Post(s.S3.URL()+"/photos/x", "", nil)
	if err != nil {
		t.Fatalf("the second request: %v", err)
	}
	resp.Body.Close()
	if got := s.STS.failing().Code + s.STS.failing().Code + s.STS.failing().Code; got != "ThrottlingThrottling" {
		t.Errorf("three requests get %q, want two faults", got)
	}
}

// A page with status 200 contains nothing of the service's response, and needs no signature.
func TestFaultPage(t *testing.T) {
	t.Parallel()
	s := startWith(t, Options{Faults: []string{"sts:page=1", "cognito:page=1", "s3:page=1"}})
	for name, url := range map[string]string{"sts": s.STS.URL() + "/", "cognito": s.Cognito.URL() + "/", "s3": s.S3.URL() + "/photos/x"} {
		resp, err := http.Post(url, "", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: status %d, %s", name, resp.StatusCode, resp.Header.Get("Content-Type"))
		}
	}
}
