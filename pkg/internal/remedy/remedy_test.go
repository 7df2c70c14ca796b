package remedy

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/exchange"
	"github.com/daypass/daypass/pkg/internal/httpclient"
	"github.com/daypass/daypass/pkg/internal/login"
	"github.com/daypass/daypass/pkg/internal/upload"
)

const (
	roleARN = "arn:aws:iam::111122223333:role/team/PhotoUploader"
	poolID  = "us-east-1:11111111-2222-3333-4444-555555555555"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

var google = Asked{Profile: "photos", Issuer: "https://accounts.google.com", ClientID: "1234.apps.googleusercontent.com",
	RoleARN: roleARN, Region: "us-east-1", Flags: []string{"--profile", "work"}}

func claims() identity.Claims {
	return identity.Claims{Issuer: "https://accounts.google.com", Audience: []string{"1234.apps.googleusercontent.com"},
		Subject: "110248495921238986420", Expiry: now.Add(58 * time.Minute)}
}

func stsError(status int, code, message string) *exchange.Error {
	return &exchange.Error{Step: "assuming role", Code: code, Message: message, HTTPStatus: status, Claims: claims(),
		RoleARN: roleARN, SessionName: "alice@example.com", Duration: 12 * time.Hour, Region: "us-east-1",
		Err: errors.New(code + ": " + message)}
}

func cognitoError(status int, code, message string) *exchange.Error {
	e := stsError(status, code, message)
	e.Step, e.RoleARN, e.SessionName, e.Duration, e.IdentityPoolID = "asking for an identity ID", "", "", 0, poolID
	return e
}

type row struct {
	err     error
	exit    int
	likely  string // in Likely
	compare string // in Compare
}

// check checks one row, and that no placeholder is left.
func check(t *testing.T, r row) {
	t.Helper()
	got := For(fmt.Errorf("signing in: %w", r.err), google, now)
	if got.ExitCode != r.exit || !strings.Contains(got.Likely, r.likely) || !strings.Contains(got.Compare+"\n"+got.Try, r.compare) ||
		(r.likely == "") != (got.Likely == "") {
		t.Errorf("%v:\n got %d, likely %q, compare %q, try %q\nwant %d, %q, %q", r.err, got.ExitCode, got.Likely, got.Compare, got.Try, r.exit, r.likely, r.compare)
	}
	if got.Doing == "" || strings.ContainsAny(got.Likely+got.Compare+got.Try, "{}") {
		t.Errorf("%v: doing %q, likely %q, compare %q, try %q: doing is empty or a placeholder is left", r.err, got.Doing, got.Likely, got.Compare, got.Try)
	}
	if strings.Contains(got.Compare, "daypass l") || strings.Contains(got.Compare, "again") {
		t.Errorf("%v: compare %q: an action belongs in Try", r.err, got.Compare)
	}
}

func TestSTS(t *testing.T) {
	t.Parallel()
	for _, r := range []row{
		{stsError(400, "ExpiredTokenException", "Token expired: current date/time"), 5, "has expired", "daypass login"},
		{stsError(400, "IDPCommunicationError", "connection timed out"), 1, "cannot reach the identity provider", "https://accounts.google.com/.well-known/openid-configuration"},
		{stsError(403, "IDPRejectedClaim", "revoked"), 5, "rejects the token", "daypass logout"},
		{stsError(400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://accounts.google.com"), 5, "no IAM identity provider", "iss"},
		{stsError(400, "InvalidIdentityToken", "Incorrect token audience"), 5, "does not list this audience", "1234.apps.googleusercontent.com"},
		{stsError(400, "InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider"), 5, "cannot fetch the identity provider's keys", "jwks_uri"},
		{stsError(400, "InvalidIdentityToken", "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"), 5, "thumbprint of another certificate", "accounts.google.com"},
		{stsError(400, "InvalidIdentityToken", "Missing a required claim: aud"), 5, "ID token is incomplete", "openid"},
		{stsError(400, "InvalidIdentityToken", "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"), 5, "access token", "openid"},
		{stsError(400, "InvalidIdentityToken", "Token audience contains more than one audience while authorized party is not present"), 5, "several audiences and no azp", "azp"},
		{stsError(400, "InvalidIdentityToken", "something new"), 5, "does not match", "accounts.google.com:aud = 1234.apps.googleusercontent.com"},
		{stsError(400, "MalformedPolicyDocument", "Syntax errors in policy."), 5, "cannot read the session policy", "profile"},
		{stsError(400, "PackedPolicyTooLarge", "Packed size"), 5, "together are too large", "tags"},
		{stsError(403, "RegionDisabledException", "STS is not activated"), 5, "not activated in us-east-1", "region"},
		{stsError(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"), 5, "trust policy does not match", "accounts.google.com:sub = 110248495921238986420"},
		{stsError(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity with an explicit deny in a service control policy"), 5, "an explicit deny", "control policies"},
		{stsError(403, "AccessDenied", "Not authorized to perform sts:TagSession"), 5, "session tags", "actions"},
		{stsError(403, "AccessDenied", "Not authorized to perform sts:SetSourceIdentity"), 5, "source identity", "actions"},
		{stsError(400, "ValidationError", "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint"), 5, `"alice@example.com"`, "session_name"},
		{stsError(400, "ValidationError", "1 validation error detected: Value '60' at 'durationSeconds' failed to satisfy constraint"), 5, "15 minutes to 12 hours", "role.duration"},
		{stsError(400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."), 5, "sessions of 12 h", "maximum session duration"},
		{stsError(400, "ValidationError", "1 validation error detected: Value 'x' at 'roleArn' failed"), 5, "ARN", "role.arn"},
		{stsError(400, "ValidationError", "Value at 'webIdentityToken' failed"), 5, "too long", "groups"},
		{stsError(400, "ValidationError", "Value at 'policy' failed"), 5, "2,048", "policies"},
		{stsError(400, "ValidationError", "something new"), 5, "not valid for AWS", "profile"},
		{stsError(400, "Throttling", "Rate exceeded"), 1, "too many requests", "minute"},
		{stsError(400, "RequestLimitExceeded", ""), 1, "too many requests", "minute"},
		{stsError(503, "ServiceUnavailable", ""), 1, "temporary problem", "minute"},
		{stsError(500, "Strange", ""), 1, "temporary problem", "minute"},
		{stsError(502, "", ""), 1, "temporary problem", "minute"},
		{stsError(407, "", ""), 1, "a proxy", "HTTPS_PROXY"},
		{stsError(400, "NeverHeardOf", "x"), 5, "", ""},
		// MinIO
		{stsError(400, "InvalidParameterValue", "Token is expired"), 5, "has expired", "daypass login"},
		{stsError(400, "InvalidParameterValue", "STS JWT Token has `aud` claim invalid, `aud` must match configured OpenID Client ID"), 5, "another client ID", `client ID "1234.apps`},
		{stsError(400, "InvalidParameterValue", "None of the given policies (`x`) are defined, credentials will not be generated"), 5, "no policy", "policies"},
		{stsError(400, "InvalidParameterValue", "unable to verify signature"), 5, "does not accept this token", "issuer"},
	} {
		check(t, r)
	}
}

func TestCognito(t *testing.T) {
	t.Parallel()
	const refused = "NotAuthorizedException"
	for _, r := range []row{
		{cognitoError(400, refused, "Invalid login token. Token expired: 2 >= 1"), 5, "has expired", "daypass login"},
		{cognitoError(400, refused, "Invalid login token. Missing a required claim: aud"), 5, "access token", "openid"},
		{cognitoError(400, refused, "Logins don't match. Please include at least one valid login for this identity or identity pool."), 5, "another login or pool", "daypass logout"},
		{cognitoError(400, refused, "Token is not from a supported provider of this identity pool."), 5, "does not list this issuer", `accounts.google.com and client ID "1234.apps`},
		{cognitoError(400, refused, "Unauthenticated access is not supported for this identity pool."), 5, "does not allow guests", "accounts.google.com"},
		{cognitoError(400, refused, "Access to Identity 'us-east-1:x' is forbidden."), 5, "another user", "daypass logout"},
		{cognitoError(400, refused, "Invalid login token. Not a valid OpenId Connect identity token."), 5, "cannot verify", "accounts.google.com"},
		{cognitoError(400, refused, ""), 5, "signed out or deleted", "daypass login"},
		{cognitoError(400, "InvalidIdentityPoolConfigurationException", "Invalid identity pool configuration. Check assigned IAM roles for this pool."), 5, "no role", "cognito-identity.amazonaws.com:aud = " + poolID},
		{cognitoError(400, "ResourceConflictException", ""), 5, "another identity", poolID},
		{cognitoError(400, "ExternalServiceException", ""), 1, "does not respond to the pool", "minute"},
		{cognitoError(400, "TooManyRequestsException", ""), 1, "too many requests", "minute"},
		{cognitoError(400, "LimitExceededException", ""), 1, "too many requests", "minute"},
		{cognitoError(500, "InternalErrorException", ""), 1, "temporary problem", "minute"},
		{cognitoError(400, "ResourceNotFoundException", "IdentityPool not found"), 5, "does not exist in us-east-1", "identity_pool.id"},
		{cognitoError(400, "InvalidParameterException", "Basic (classic) flow is not enabled, please use enhanced flow."), 5, "basic (classic) flow", "authentication flow"},
		{cognitoError(400, "InvalidParameterException", "1 validation error"), 5, "is not valid", "identity_pool.id"},
	} {
		check(t, r)
	}
}

func TestIdPErrors(t *testing.T) {
	t.Parallel()
	idp := func(code, description string) error { return &login.IdPError{Code: code, Description: description} }
	for _, r := range []row{
		{idp("access_denied", ""), 5, "cancelled", "1234.apps"},
		{idp("login_required", ""), 4, "in the browser", "daypass login"},
		{idp("interaction_required", ""), 4, "in the browser", "daypass login"},
		{idp("consent_required", ""), 4, "in the browser", "daypass login"},
		{idp("account_selection_required", ""), 4, "in the browser", "daypass login"},
		{idp("invalid_client", ""), 5, "client secret", "DAYPASS_CLIENT_SECRET"},
		{idp("invalid_request", "client_secret is missing."), 5, "client secret", "DAYPASS_CLIENT_SECRET"},
		{idp("unauthorized_client", ""), 5, "authorization code", "identity provider"},
		{idp("invalid_request", "The redirect_uri does not match"), 5, "redirect URI", "redirect_uri"},
		{idp("redirect_uri_mismatch", ""), 5, "redirect URI", "redirect_uri"},
		{idp("invalid_request", "code_challenge_method not supported"), 5, "PKCE", "PKCE"},
		{idp("invalid_request", ""), 5, "this request", "settings"},
		{idp("invalid_scope", ""), 5, "scopes", "login.scopes"},
		{idp("invalid_grant", ""), 5, "has expired, or has been used", "daypass login"},
		{idp("server_error", ""), 1, "temporary problem", "minute"},
		{idp("temporarily_unavailable", ""), 1, "temporary problem", "minute"},
		{idp("temporarily_unavailable", "authentication_expired"), 4, "open for too long", "daypass login"},
		{idp("unauthorized_client", "Invalid client or Invalid client credentials"), 5, "client secret", "DAYPASS_CLIENT_SECRET"},
		{idp("never_heard_of", ""), 5, "", ""},
		{&identity.RefusedError{Err: &login.StatusError{Status: 404, URL: "https://idp.example.com/token"}}, 1, "a proxy", "daypass login"},
		{&identity.RefusedError{Err: idp("temporarily_unavailable", "")}, 1, "temporary problem", "minute"},
		{&identity.RefusedError{Err: errors.New("another person's")}, 1, "", "daypass login"},
		{&login.StatusError{Status: 429, URL: "https://idp.example.com/token"}, 1, "temporary problem", "minute"},
		{fmt.Errorf("%w: %w", broker.ErrSignInNeeded, &identity.RefusedError{SignInNeeded: true, Err: idp("access_denied", "")}), 4, "", "daypass login"},
		{fmt.Errorf("%w: %w", identity.ErrGrantRevoked, idp("invalid_grant", "")), 4, "sign-in has expired", "daypass login"},
		{fmt.Errorf("%w: %w", broker.ErrSignInNeeded, errors.New("x")), 4, "", "daypass login"},
		{fmt.Errorf("%w, but %w", broker.ErrSignInNeeded, ErrNobodyHere), 4, "no terminal", "daypass login --profile work --no-browser, or daypass login --profile work --browser CMD"},
		{ErrNobodyHere, 4, "no terminal", "again with --no-browser"},
		{identity.ErrNoIDToken, 5, "ID token", "openid"},
		{login.ErrNoRevocation, 1, "deleted here", "at the identity provider"},
		{&login.IssuerMismatchError{Configured: "https://login.microsoftonline.com/common/v2.0", Advertised: "https://login.microsoftonline.com/{tenantid}/v2.0"}, 1,
			"all tenants", `login.issuer = "https://login.microsoftonline.com/GUID/v2.0" in the profile and in IAM, where GUID is your tenant's ID`},
		{&login.IssuerMismatchError{Configured: "https://a", Advertised: "https://a/"}, 1, "spelled", `"https://a/"`},
		{&login.UnsupportedAlgError{Alg: "EdDSA"}, 1, "another algorithm", "RS256"},
		{errors.New("something else"), 1, "", ""},
	} {
		check(t, r)
	}
}

func TestS3(t *testing.T) {
	t.Parallel()
	s3 := func(status int, code string) error {
		return &upload.Error{URL: "s3://b/k", Code: code, HTTPStatus: status, Err: errors.New(code)}
	}
	denied := func(action, why string) error {
		return &upload.Error{URL: "s3://b/k", Code: "AccessDenied", HTTPStatus: 403, Err: errors.New("AccessDenied"),
			Message: "User: arn:aws:sts::111122223333:assumed-role/r/s is not authorized to perform: " + action + " on resource: \"arn:aws:x\" " + why}
	}
	for _, r := range []row{
		{s3(403, "AccessDenied"), 5, "does not allow this key", "upload.prefix"},
		{denied("s3:PutObject", "because no identity-based policy allows the s3:PutObject action"), 5, "does not allow this key", "upload.prefix"},
		{denied("kms:GenerateDataKey", "because no identity-based policy allows the kms:GenerateDataKey action"), 5, "KMS key that the role may not use", "kms:GenerateDataKey"},
		{denied("kms:GenerateDataKey", "with an explicit deny in a resource-based policy"), 5, "KMS key that the role may not use", "the key's own policy"},
		{denied("kms:GenerateDataKey", "because no session policy allows the kms:GenerateDataKey action"), 5, "session policy does not allow", "under role in the profile"},
		{denied("s3:PutObject", "with an explicit deny in a service control policy"), 5, "an explicit deny", "control policies"},
		{denied("s3:PutObject", "because no session policy allows the s3:PutObject action"), 5, "session policy does not allow", "under role in the profile"},
		{denied("s3:PutObject", "because no permissions boundary allows the s3:PutObject action"), 5, "permissions boundary", "boundary"},
		{denied("s3:PutObject", "because no VPC endpoint policy allows the s3:PutObject action"), 5, "VPC endpoint", "VPC endpoint"},
		{denied("s3:PutObject", "because no service control policy allows the s3:PutObject action"), 5, "Organizations", "control policies"},
		{denied("s3:PutObject", "because no resource control policy allows the s3:PutObject action"), 5, "Organizations", "control policies"},
		{s3(400, "KMS.DisabledException"), 5, "cannot be used", "key"},
		{s3(400, "KMS.NotFoundException"), 5, "cannot be used", "key"},
		{&upload.Error{Err: &upload.AnswerError{Operation: "PutObject", Problem: "without an ETag"}}, 1, "not S3", "HTTPS_PROXY"},
		{&upload.Error{Err: &upload.AnswerError{Operation: "PutObject", Problem: "x", Damaged: true}}, 1, "changed on the way", "again"},
		{s3(403, "NeverHeardOf"), 5, "does not allow this key", "upload.prefix"},
		{s3(404, "NoSuchBucket"), 1, "bucket does not exist", "upload.bucket"},
		{s3(301, ""), 1, "another region", "region"},
		{s3(400, "ExpiredToken"), 5, "expired during the upload", "daypass whoami"},
		{s3(403, "SignatureDoesNotMatch"), 5, "does not know", "endpoints"},
		{s3(403, "RequestTimeTooSkewed"), 1, "clock", "clock"},
		{s3(503, "SlowDown"), 1, "too many requests", "minute"},
		{s3(500, "InternalError"), 1, "temporary problem", "minute"},
		{&upload.Error{Err: os.ErrNotExist}, 1, "", ""},
		{&upload.Error{Err: upload.ErrChanged}, 1, "writing to it", "again"},
		{&upload.PlanError{Errs: []error{os.ErrNotExist}}, 2, "", ""},
		{&upload.Error{Err: stsError(403, "AccessDenied", "Not authorized")}, 5, "trust policy", "trust policy"},
	} {
		check(t, r)
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	dial := func(err error) error {
		return &url.Error{Op: "Post", URL: "https://sts.us-east-1.amazonaws.com/", Err: &net.OpError{Op: "dial", Net: "tcp", Err: err}}
	}
	proxied := func(status int, schemes ...string) error {
		return dial(&httpclient.ProxyError{Proxy: "proxy.example:3128", Status: status, Schemes: schemes})
	}
	noAnswer := &exchange.Error{Step: "assuming role", RoleARN: roleARN, Claims: claims(), Err: dial(os.NewSyscallError("connect", syscall.ECONNREFUSED))}
	for _, r := range []row{
		{&url.Error{Op: "Get", URL: "https://x/", Err: &httpclient.ProxyVariableError{Variable: "HTTPS_PROXY", Problem: "is not the URL of a proxy"}}, 2, "", "USER:PASSWORD@HOST"},
		{proxied(407, "Basic"), 1, "user name and a password", "USER:PASSWORD@HOST"},
		{proxied(407), 1, "user name and a password", "USER:PASSWORD@HOST"},
		{proxied(407, "Negotiate", "NTLM"), 1, "other than Basic", "a local proxy"},
		{proxied(407, "Negotiate", "basic"), 1, "user name and a password", "USER:PASSWORD@HOST"},
		{proxied(403), 1, "does not allow this host", "NO_PROXY"},
		{proxied(503), 1, "cannot reach this host", "minute"},
		{&httpclient.ProxyError{Proxy: "p:1", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, 1, "no server is running", "HTTPS_PROXY"},
		{dial(&net.DNSError{Name: "x", IsNotFound: true}), 1, "host does not exist", "issuer"},
		{dial(&net.DNSError{Name: "x", IsTemporary: true}), 1, "cannot be resolved", "minute"},
		{dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), 1, "no server is running", "HTTPS_PROXY"},
		{noAnswer, 1, "no server is running", "HTTPS_PROXY"},
		{dial(os.NewSyscallError("connect", syscall.ENETUNREACH)), 1, "cannot be reached", "HTTPS_PROXY"},
		{&url.Error{Err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}}, 1, "another host", "endpoints"},
		{&url.Error{Err: x509.CertificateInvalidError{Reason: x509.Expired}}, 1, "expired", "clock"},
		{context.DeadlineExceeded, 1, "in time", "HTTPS_PROXY"},
		{dial(os.ErrDeadlineExceeded), 1, "in time", "HTTPS_PROXY"},
		{dial(io.ErrUnexpectedEOF), 1, "closed the connection", "HTTPS_PROXY"},
		{context.Canceled, 130, "", ""},
	} {
		check(t, r)
	}
}

// net/http returns this chain of errors for a CA that is not trusted.
func TestUnknownAuthority(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	_, err := (&http.Client{Transport: &http.Transport{}}).Get(server.URL)
	check(t, row{err, 1, "private CA", "AWS_CA_BUNDLE"})
}

// The evidence of an error: the response, the token, and the profile.
func TestEvidence(t *testing.T) {
	t.Parallel()
	got := For(stsError(403, "AccessDenied", "Not authorized"), google, now)
	if want := "becoming PhotoUploader: AWS says AccessDenied"; got.Doing != want {
		t.Errorf("Doing = %q, want %q", got.Doing, want)
	}
	want := []Line{
		{"answer", "Not authorized"},
		{"token", "iss https://accounts.google.com"},
		{"", "aud 1234.apps.googleusercontent.com"},
		{"", "sub 110248495921238986420"},
		{"", "valid for 58 min (12:58)"},
		{"profile", "role " + roleARN},
		{"", "session alice@example.com"},
		{"", "duration 12 h"},
		{"", "region us-east-1"},
	}
	if fmt.Sprint(got.Evidence) != fmt.Sprint(want) {
		t.Errorf("Evidence = %v, want %v", got.Evidence, want)
	}
}

// The evidence contains the profile's issuer and client if they differ from the token's.
func TestEvidenceOfDifferences(t *testing.T) {
	t.Parallel()
	e := cognitoError(400, "NotAuthorizedException", "")
	e.Claims.AuthorizedParty, e.Claims.Expiry = "another-client", now.Add(-3*time.Minute)
	asked := google
	asked.Issuer = "https://accounts.google.com/"
	got := fmt.Sprint(For(e, asked, now).Evidence)
	for _, want := range []string{"azp another-client", "expired 3 min ago (11:57)", "pool " + poolID,
		"issuer https://accounts.google.com/", "client 1234.apps.googleusercontent.com"} {
		if !strings.Contains(got, want) {
			t.Errorf("Evidence = %s, want %q in it", got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{0: "0 s", 20 * time.Second: "20 s", time.Minute: "1 min", 90 * time.Second: "90 s", 58*time.Minute + 59*time.Second: "58 min",
		90 * time.Minute: "90 min", 2 * time.Hour: "2 h", 150 * time.Minute: "2 h 30 min", 72 * time.Hour: "3 days"} {
		if got := Span(d); got != want {
			t.Errorf("Span(%v) = %q, want %q", d, got, want)
		}
	}
}

// Every cause is short, and every exit code is a constant.
func TestTables(t *testing.T) {
	t.Parallel()
	known := map[int]bool{}
	for _, code := range ExitCodes() {
		known[code.Number] = true
	}
	for _, rows := range [][]rule{stsRules, cognitoRules, idpRules, s3Rules, serviceRules} {
		for _, a := range rows {
			if n := utf8.RuneCountInString(a.likely); n == 0 || n > 80 {
				t.Errorf("%s %q: likely has %d characters, want 1 to 80", a.codes, a.contains, n)
			}
			if !known[a.exit] || a.exit == ExitDone {
				t.Errorf("%s %q: exit code %d", a.codes, a.contains, a.exit)
			}
		}
	}
}
