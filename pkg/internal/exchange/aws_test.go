package exchange

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/awsclient"
	"github.com/daypass/daypass/pkg/secret"
)

// The expiration is correct by the local clock, even if that clock is wrong.
func TestExpirationByTheLocalClock(t *testing.T) {
	t.Parallel()
	awsNow := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, skew := range []time.Duration{-2 * time.Hour, -30 * time.Second, 0, 30 * time.Second, 2 * time.Hour} {
		server := &wire{date: awsNow, answer: func(int, asked) (int, string) { return 200, stsGives(awsNow.Add(time.Hour)) }}
		here := awsNow.Add(skew)
		s := &STS{RoleARN: roleARN, AWS: via(server)}
		s.Now = func() time.Time { return here }
		got, err := s.Exchange(t.Context(), proof(alice(t)))
		if err != nil {
			t.Errorf("clock off by %v: %v", skew, err)
			continue
		}
		want := awsNow.Add(time.Hour)
		if skew.Abs() > time.Minute {
			want = here.Add(time.Hour)
		}
		if !got.Expiration.Equal(want) || !got.Issued.Equal(here) {
			t.Errorf("clock off by %v: issued %v, expires %v, want %v, %v", skew, got.Issued, got.Expiration, here, want)
		}
	}
}

// A Date header corrects the expiration by at most a day, and the verbose output says so.
func TestBoundedCorrection(t *testing.T) {
	t.Parallel()
	here := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for skew, want := range map[time.Duration]time.Duration{48 * time.Hour: 24 * time.Hour, -48 * time.Hour: -24 * time.Hour} {
		server := &wire{date: here.Add(skew), answer: func(int, asked) (int, string) { return 200, stsGives(here.Add(30 * time.Hour)) }}
		s := &STS{RoleARN: roleARN, AWS: via(server)}
		s.Now = func() time.Time { return here }
		said := ""
		s.Step = func(step string) { said = step }
		got, err := s.Exchange(t.Context(), proof(alice(t)))
		if err != nil {
			t.Errorf("AWS's clock off by %v: %v", skew, err)
			continue
		}
		if corrected := here.Add(30 * time.Hour).Sub(got.Expiration); corrected != want || said != "AWS's clock and the local clock differ by 48h0m0s; at most 24h0m0s of that is corrected" {
			t.Errorf("AWS's clock off by %v: corrected by %v with the step %q, want %v and a step", skew, corrected, said, want)
		}
	}
}

// An error has AWS's time and the local time, so that a wrong clock can be found.
func TestErrorHasBothClocks(t *testing.T) {
	t.Parallel()
	here := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	there := here.Add(-10 * time.Minute)
	server := &wire{date: there, answer: func(_ int, a asked) (int, string) {
		if a.json != nil {
			return 400, cognitoRefuses("NotAuthorizedException", "Invalid login token.")
		}
		return 400, stsRefuses("InvalidIdentityToken", "The token is not valid yet.")
	}}
	a := via(server)
	a.Now = func() time.Time { return here }
	for _, exchange := range []interface {
		Exchange(context.Context, identity.Proof) (credential.Credential, error)
	}{&STS{RoleARN: roleARN, AWS: a}, &Cognito{IdentityPoolID: poolID, AWS: a}} {
		_, err := exchange.Exchange(t.Context(), proof(alice(t)))
		e, ok := errors.AsType[*Error](err)
		if !ok || !e.AWSTime.Equal(there) || !e.Here.Equal(here) {
			t.Errorf("%T: %+v, want AWS's time %v and the local time %v", exchange, err, there, here)
		}
	}
}

const noKey = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"

func TestSTSRetriesTransientErrors(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		status  int
		code    string
		message string
		fails   int
		asked   int
		ok      bool
	}{
		{400, "IDPCommunicationError", "later", 1, 2, true}, // the SDK's STS client does this by itself
		{400, "Throttling", "later", 2, 3, true},
		{503, "ServiceUnavailable", "later", 9, 3, false},
		{400, "InvalidIdentityToken", noKey, 1, 2, true},
		{400, "InvalidIdentityToken", noKey, 2, 3, true},
		{400, "InvalidIdentityToken", noKey, 9, 3, false},
		{400, "InvalidIdentityToken", "Incorrect token audience", 9, 1, false},
		{400, "InvalidIdentityToken", "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint", 9, 1, false},
		{403, "AccessDenied", noKey, 9, 1, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := &wire{answer: func(n int, _ asked) (int, string) {
				if n <= row.fails {
					return row.status, stsRefuses(row.code, row.message)
				}
				return 200, stsGives(time.Now().Add(time.Hour))
			}}
			_, err := (&STS{RoleARN: roleARN, AWS: via(server)}).Exchange(t.Context(), proof(alice(t)))
			if (err == nil) != row.ok || len(server.seen) != row.asked {
				t.Errorf("%s %q, %d times: error %v after %d requests, want success %v after %d", row.code, row.message, row.fails, err, len(server.seen), row.ok, row.asked)
			}
		})
	}
}

func TestCognitoRetriesTransientErrors(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		status  int
		code    string
		message string
		asked   int
	}{
		{400, "ExternalServiceException", "", 3},
		{400, "TooManyRequestsException", "", 3},
		{400, "LimitExceededException", "", 3},
		{500, "InternalErrorException", "", 3},
		{400, "NotAuthorizedException", "Invalid login token. Not a valid OpenId Connect identity token.", 1},
		{400, "ResourceConflictException", "", 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := &wire{answer: func(int, asked) (int, string) { return row.status, cognitoRefuses(row.code, row.message) }}
			_, err := (&Cognito{IdentityPoolID: poolID, AWS: via(server)}).Exchange(t.Context(), proof(alice(t)))
			if err == nil || len(server.seen) != row.asked {
				t.Errorf("%s: error %v after %d requests, want an error after %d", row.code, err, len(server.seen), row.asked)
			}
		})
	}
}

// slow never responds, so each attempt must time out.
type slow struct{ asked int }

func (s *slow) RoundTrip(r *http.Request) (*http.Response, error) {
	s.asked++
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestEachAttemptHasItsOwnDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		silent := &slow{}
		start := time.Now()
		_, err := (&STS{RoleARN: roleARN, AWS: AWS{Options: awsclient.Options{Region: "us-east-1", HTTPClient: &http.Client{Transport: silent}}}}).
			Exchange(t.Context(), proof(alice(t)))
		if !errors.Is(err, context.DeadlineExceeded) || silent.asked != 3 {
			t.Errorf("error %v after %d attempts, want a deadline after 3", err, silent.asked)
		}
		if took := time.Since(start); took < 30*time.Second || took > 55*time.Second {
			t.Errorf("took %v, want three times 10 s and the delays between", took)
		}
	})
}

func TestCallersContextEndsTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		silent := &slow{}
		_, err := (&STS{RoleARN: roleARN, AWS: AWS{Options: awsclient.Options{Region: "us-east-1", HTTPClient: &http.Client{Transport: silent}}}}).
			Exchange(ctx, proof(alice(t)))
		if want := "assuming role " + roleARN + ": context deadline exceeded"; err == nil || err.Error() != want || silent.asked != 1 {
			t.Errorf("error %v after %d attempts, want %q after 1", err, silent.asked, want)
		}
	})
}

// AWS sends no redirects, so one comes from another server.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var elsewhere int
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect} {
		server := httptest.NewServer(http.RedirectHandler(other.URL, status))
		defer server.Close()
		_, err := (&STS{RoleARN: roleARN, AWS: AWS{Options: awsclient.Options{Region: "us-east-1", Endpoint: server.URL}}}).Exchange(t.Context(), proof(alice(t)))
		if err == nil || elsewhere != 0 {
			t.Errorf("status %d: error %v, %d requests elsewhere, want an error and none", status, err, elsewhere)
		}
	}
}

func TestSTSEndpoints(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		options awsclient.Options
		want    string // "" if the SDK's rules refuse it
	}{
		{awsclient.Options{Region: "us-east-1"}, "sts.us-east-1.amazonaws.com"},
		{awsclient.Options{Region: "aws-global"}, "sts.amazonaws.com"},
		{awsclient.Options{Region: "cn-north-1"}, "sts.cn-north-1.amazonaws.com.cn"},
		{awsclient.Options{Region: "eusc-de-east-1"}, "sts.eusc-de-east-1.amazonaws.eu"},
		{awsclient.Options{Region: "us-east-1", FIPS: true}, "sts-fips.us-east-1.amazonaws.com"},
		{awsclient.Options{Region: "us-east-1", DualStack: true}, "sts.us-east-1.api.aws"},
		{awsclient.Options{Region: "us-gov-west-1", FIPS: true}, "sts.us-gov-west-1.amazonaws.com"},
		{awsclient.Options{Region: "us-east-1", Endpoint: "https://sts.internal:8443/x"}, "sts.internal:8443"},
		{awsclient.Options{Region: "us-east-1", Endpoint: "https://sts.internal", FIPS: true}, ""},
		{awsclient.Options{}, ""},
	} {
		var host string
		server := &wire{answer: func(int, asked) (int, string) { return 200, stsGives(time.Now().Add(time.Hour)) }}
		row.options.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			host = r.URL.Host
			return inProcess{server}.RoundTrip(r)
		})}
		_, err := (&STS{RoleARN: roleARN, AWS: AWS{Options: row.options}}).Exchange(t.Context(), proof(alice(t)))
		if host != row.want || (err == nil) != (row.want != "") {
			t.Errorf("%+v: asked %q, error %v, want %q", row.options, host, err, row.want)
		}
		if err != nil && strings.Contains(err.Error(), "operation error") {
			t.Errorf("the error contains the SDK's wrappers: %v", err)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestNetworkErrorsNameTheHost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := AWS{Options: awsclient.Options{Region: "us-east-1", HTTPClient: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			return nil, errors.New("connection refused")
		})}}}
		_, err := (&STS{RoleARN: roleARN, AWS: a}).Exchange(t.Context(), proof(alice(t)))
		want := "assuming role " + roleARN + `: Post "https://sts.us-east-1.amazonaws.com/": connection refused`
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	})
}

// A response that is not AWS's, such as a proxy's, is reported by its HTTP status alone.
func TestResponsesThatAreNotAWS(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"<html>no SECRET</html>", "", "no SECRET", `{"message":"no SECRET"}`} {
		server := &wire{answer: func(int, asked) (int, string) { return 407, body }}
		for _, exchange := range []interface {
			Exchange(context.Context, identity.Proof) (credential.Credential, error)
		}{&STS{RoleARN: roleARN, AWS: via(server)}, &Cognito{IdentityPoolID: poolID, AWS: via(server)}} {
			_, err := exchange.Exchange(t.Context(), proof(alice(t)))
			var refused *Error
			if !errors.As(err, &refused) || refused.HTTPStatus != 407 || !strings.HasSuffix(err.Error(), "HTTP status 407 with a response that is not AWS's") {
				t.Errorf("answer %q: error %v, want HTTP status 407 in it", body, err)
			}
		}
	}
}

// Facebook's and Amazon's access tokens have no form that could be recognized.
func TestErrorsOmitAnOpaqueToken(t *testing.T) {
	t.Parallel()
	facebook := identity.Proof{Kind: identity.ProofAccessToken, ProviderName: "graph.facebook.com", Value: secret.New("EAAB.short"), Claims: identity.Claims{Subject: "alice"}}
	server := &wire{answer: func(int, asked) (int, string) { return 403, stsRefuses("IDPRejectedClaim", "no good: EAAB.short!") }}
	_, err := (&STS{RoleARN: roleARN, AWS: via(server)}).Exchange(t.Context(), facebook)
	if err == nil || !strings.HasSuffix(err.Error(), "no good: [token]!") {
		t.Errorf("error %v, want the token replaced", err)
	}
}

func TestErrorsOmitTheToken(t *testing.T) {
	t.Parallel()
	token := alice(t)
	raw := token.Raw.Reveal()
	for _, message := range []string{"bad token " + raw, "bad token " + raw[:60], "bad \x1b[31m" + raw + "\r\n", strings.Repeat("ä", 9000)} {
		server := &wire{answer: func(int, asked) (int, string) {
			return 400, stsRefuses("InvalidIdentityToken", strings.NewReplacer("\x1b", "&#155;", "\r", "&#13;").Replace(message))
		}}
		_, err := (&STS{RoleARN: roleARN, AWS: via(server)}).Exchange(t.Context(), proof(token))
		if err == nil || strings.Contains(err.Error(), raw[:30]) || strings.ContainsAny(err.Error(), "\r\n\u009b") || len(err.Error()) > 3*maxMessage {
			t.Errorf("message %.20q: error %q, want no token or control characters, and at most maxMessage", message, err)
		}
	}
}
