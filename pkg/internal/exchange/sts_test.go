package exchange

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
)

func TestSTSRequestIsUnsigned(t *testing.T) {
	t.Parallel()
	server := &wire{answer: func(int, asked) (int, string) { return 200, stsGives(time.Now().Add(time.Hour)) }}
	s := &STS{RoleARN: roleARN, AWS: via(server)}
	token := alice(t)
	if _, err := s.Exchange(t.Context(), proof(token)); err != nil {
		t.Fatal(err)
	}
	got := server.seen[0]
	for _, name := range []string{"Authorization", "X-Amz-Security-Token", "X-Amz-Date"} {
		if value := got.header.Get(name); value != "" {
			t.Errorf("%s: %s was sent, want an unsigned request", name, value)
		}
	}
	want := map[string]string{"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "RoleArn": roleARN,
		"RoleSessionName": "alice@example.com", "WebIdentityToken": token.Raw.Reveal()}
	for name, value := range want {
		if got.form.Get(name) != value {
			t.Errorf("%s = %q, want %q", name, got.form.Get(name), value)
		}
	}
	if len(got.form) != len(want) {
		t.Errorf("sent %d parameters, want only the %d that are set", len(got.form), len(want))
	}
	if agent := got.header.Get("User-Agent"); !strings.Contains(agent, "daypass/1.2.3") {
		t.Errorf("User-Agent = %q, want daypass/1.2.3 in it", agent)
	}
}

func TestSTSOptionalParameters(t *testing.T) {
	t.Parallel()
	server := &wire{answer: func(int, asked) (int, string) { return 200, stsGives(time.Now().Add(time.Hour)) }}
	name, err := identity.ParseTemplate("{claim:team}.{sub}", identity.IsSessionPlaceholder)
	if err != nil {
		t.Fatal(err)
	}
	s := &STS{RoleARN: roleARN, SessionName: name, Duration: 90 * time.Minute, Policy: "{}",
		PolicyARNs: []string{"arn:a", "arn:b"}, AWS: via(server)}
	amazon := proof(alice(t))
	amazon.Kind, amazon.ProviderName = identity.ProofAccessToken, "www.amazon.com"
	if _, err := s.Exchange(t.Context(), amazon); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"DurationSeconds": "5400", "Policy": "{}", "ProviderId": "www.amazon.com",
		"PolicyArns.member.1.arn": "arn:a", "PolicyArns.member.2.arn": "arn:b",
		"RoleSessionName": legalSessionName("photo.auth0|1102")}
	for name, value := range want {
		if got := server.seen[0].form.Get(name); got != value {
			t.Errorf("%s = %q, want %q", name, got, value)
		}
	}
}

func TestSTSResponseIsUsedInFull(t *testing.T) {
	t.Parallel()
	expiration := time.Now().Add(time.Hour).Truncate(time.Second)
	server := &wire{answer: func(int, asked) (int, string) { return 200, stsGives(expiration) }}
	got, err := (&STS{RoleARN: roleARN, AWS: via(server)}).Exchange(t.Context(), proof(alice(t)))
	if err != nil {
		t.Fatal(err)
	}
	if got.SecretAccessKey.Reveal() != "sk" || got.SessionToken.Reveal() != "st" {
		t.Error("the secret key or the session token is not the response's")
	}
	if age := time.Since(got.Issued); age < 0 || age > time.Minute {
		t.Errorf("Issued = %v, want the time of the request", got.Issued)
	}
	want := credential.Credential{AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: got.SecretAccessKey,
		SessionToken: got.SessionToken, Issued: got.Issued, Expiration: expiration.UTC(),
		Principal: credential.Principal{ARN: "arn:aws:sts::111122223333:assumed-role/PhotoUploader/alice@example.com",
			UserID: "AROA:alice@example.com"},
		Subject: "auth0|1102", Audience: "daypass", Provider: "https://idp.example.com", SourceIdentity: "alice"}
	if got != want {
		t.Errorf("Exchange() = %+v, want %+v", got, want)
	}
}

func TestSTSRefusesUnusableResponses(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"expired":  stsGives(time.Now().Add(-time.Minute)),
		"no keys":  `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
		"no token": strings.Replace(stsGives(time.Now().Add(time.Hour)), "<SessionToken>st</SessionToken>", "", 1),
		"no end":   strings.Replace(stsGives(time.Now().Add(time.Hour)), "Expiration>", "Other>", 2),
		"no XML":   "<html>SECRETKEY",
		"empty":    "",
	}
	for name, body := range answers {
		server := &wire{answer: func(int, asked) (int, string) { return 200, body }}
		got, err := (&STS{RoleARN: roleARN, AWS: via(server)}).Exchange(t.Context(), proof(alice(t)))
		if err == nil || !got.IsZero() {
			t.Errorf("%s: Exchange() = %v, %v, want an error and no credential", name, got, err)
		} else if strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: the error quotes the response: %v", name, err)
		}
	}
}

func TestSTSErrors(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		status        int
		code, message string
		expired       bool
	}{
		{400, "ExpiredTokenException", "Token expired: current date/time 2 must be before the expiration date/time 1", true},
		{403, "IDPRejectedClaim", "the claim is invalid", false},
		{400, "InvalidIdentityToken", "Incorrect token audience", false},
		{400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://idp.example.com", false},
		{400, "MalformedPolicyDocument", "Syntax errors in policy.", false},
		{400, "PackedPolicyTooLarge", "Packed size of session policy consumes 110% of allotted space", false},
		{403, "RegionDisabledException", "STS is not activated in this region", false},
		{403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", false},
		{400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", false},
		{400, "InvalidParameterValue", "Token is expired", true},
	} {
		server := &wire{answer: func(int, asked) (int, string) { return row.status, stsRefuses(row.code, row.message) }}
		_, err := (&STS{RoleARN: roleARN, AWS: via(server)}).Exchange(t.Context(), proof(alice(t)))
		var refused *Error
		var api smithy.APIError
		if !errors.As(err, &refused) || !errors.As(err, &api) {
			t.Errorf("%s: error %v, want *Error and smithy.APIError in it", row.code, err)
			continue
		}
		want := "assuming role " + roleARN + ": " + row.code + ": " + row.message
		if err.Error() != want || refused.HTTPStatus != row.status || refused.RequestID != "req-1" || api.ErrorCode() != row.code {
			t.Errorf("%s: got %q, status %d, request %q, want %q, %d", row.code, err, refused.HTTPStatus, refused.RequestID, want, row.status)
		}
		if got := errors.Is(err, identity.ErrTokenRejected); got != row.expired {
			t.Errorf("%s: is ErrTokenRejected = %v, want %v", row.code, got, row.expired)
		}
		if refused.Claims.Subject != "auth0|1102" || refused.SessionName != "alice@example.com" || refused.Region != "us-east-1" {
			t.Errorf("%s: the error lacks the request's details: %+v", row.code, refused)
		}
		if len(server.seen) != 1 {
			t.Errorf("%s: %d requests, want no retry", row.code, len(server.seen))
		}
	}
}

func TestSTSNeedsATokenAndAName(t *testing.T) {
	t.Parallel()
	s := &STS{RoleARN: roleARN, AWS: via(http.NotFoundHandler())}
	if _, err := s.Exchange(t.Context(), identity.Proof{Kind: identity.ProofIDToken, Claims: identity.Claims{Subject: "alice"}}); !errors.Is(err, errNoToken) {
		t.Errorf("without a token: error %v, want %v", err, errNoToken)
	}
	_, err := s.Exchange(t.Context(), proof(tokenOf(t, map[string]any{"iss": "https://idp.example.com"})))
	if err == nil || !strings.Contains(err.Error(), "neither email nor sub") {
		t.Errorf("without a name: error %v, want it to say so", err)
	}
	s.SessionName, _ = identity.ParseTemplate("{claim:dept}", identity.IsSessionPlaceholder)
	if _, err = s.Exchange(t.Context(), proof(alice(t))); err == nil || !strings.Contains(err.Error(), "{claim:dept}") {
		t.Errorf("without the claim: error %v, want it named", err)
	}
}
