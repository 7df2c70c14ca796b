package sandbox

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// lines waits for n lines of a log: a line is written after the response was sent.
func lines(t *testing.T, log <-chan string, n int) string {
	t.Helper()
	var got []string
	for len(got) < n {
		select {
		case line := <-log:
			got = append(got, line)
		case <-time.After(5 * time.Second):
			t.Fatalf("the log has %d lines, want %d: %q", len(got), n, got)
		}
	}
	return strings.Join(got, "\n")
}

// The log names caller and operation, and contains no secret.
func TestLog(t *testing.T) {
	t.Parallel()
	log := make(chan string, 16)
	s := startWith(t, Options{Log: func(line string) { log <- line }})
	in := input(idToken(t, s.IdP))
	in.RoleArn, in.RoleSessionName = aws.String(RoleARN), aws.String("alice@example.com")
	out, err := stsClient(s.STS).AssumeRoleWithWebIdentity(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	session, _ := s.STS.sessions.Find(*out.Credentials.AccessKeyId)
	if _, err := s3Client(s.S3, session).PutObject(t.Context(), put(own, "x")); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(s.S3.URL() + "/photos/%0Aforged?secret=query")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	text := lines(t, log, 8)
	for _, want := range []string{
		"idp     GET /authorize 303", "idp     POST /token authorization_code 200",
		"sts     POST / AssumeRoleWithWebIdentity 200", "alice@example.com",
		"s3      PUT /photos/" + own + " PutObject 200", "PhotoUploader/alice@example.com",
		`"/photos/\nforged"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %q:\n%s", want, text)
		}
	}
	for name, secret := range map[string]string{
		"ID token": *in.WebIdentityToken, "JWT": "eyJ", "access key": session.AccessKeyID, "secret key": session.SecretAccessKey.Reveal(),
		"session token": session.SessionToken.Reveal(), "query": "query", "code verifier": verifier, "state": "state=", "signature": "Signature",
	} {
		if strings.Contains(text, secret) {
			t.Errorf("the log has the %s:\n%s", name, text)
		}
	}
}

// Below a refusal the log has the explanation of the policies, whichever service evaluated them.
func TestLogExplains(t *testing.T) {
	t.Parallel()
	log := make(chan string, 16)
	s := startWith(t, Options{TrustPolicy: []byte(exampleTrust), Log: func(line string) { log <- line }})
	s.IdP.Set(func(k *Knobs) { k.AutoSignIn = "bob" })
	in := input(idToken(t, s.IdP))
	in.RoleArn = aws.String(RoleARN)
	if _, err := stsClient(s.STS).AssumeRoleWithWebIdentity(t.Context(), in); err == nil {
		t.Fatal("bob was allowed")
	}
	text := lines(t, log, 6)
	for _, want := range []string{"403 AccessDenied", "\n           no statement allows it\n", "does not match: "} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %q:\n%s", want, text)
		}
	}
}

// A refusal of the identity provider is explained in the log, with the value that was wrong.
func TestLogExplainsTheIdP(t *testing.T) {
	t.Parallel()
	log := make(chan string, 16)
	s := startWith(t, Options{Log: func(line string) { log <- line }})
	s.IdP.Set(func(k *Knobs) { k.AutoSignIn = "" })
	const loopback = "http://127.0.0.1:1/callback"
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, row := range []struct {
		path string
		form url.Values
		want []string
	}{
		{"/authorize", url.Values{"client_id": {"dypass"}, "redirect_uri": {loopback}}, []string{"400", `client_id "dypass" is unknown`, "Known: daypass, "}},
		{"/authorize", url.Values{"client_id": {"daypass"}, "redirect_uri": {"https://me:pw@app.example.com/cb?code=1"}},
			[]string{"400", `redirect_uri "https://app.example.com/cb" is not an http address on loopback`}},
		{"/authorize", url.Values{"client_id": {exactClientID}, "redirect_uri": {loopback}},
			[]string{"400", `redirect_uri "` + loopback + `" is not registered for the client daypass-exact. Registered: ` + exactRedirectURI}},
		{"/authorize", url.Values{"client_id": {"daypass"}, "redirect_uri": {loopback}, "response_type": {"token"}}, []string{"303 unsupported_response_type", "must be code"}},
		{"/authorize", url.Values{"ticket": {"stale"}}, []string{"403", "too old"}},
		{"/token", url.Values{"client_id": {"daypass"}, "grant_type": {"refresh_token"}, "refresh_token": {"none"}}, []string{"400 invalid_grant", "refresh token is unknown"}},
		{"/end-session", url.Values{"client_id": {"dypass"}, "post_logout_redirect_uri": {loopback}}, []string{"400", `client_id "dypass" is unknown`}},
		{"/end-session", url.Values{"client_id": {exactClientID}, "post_logout_redirect_uri": {loopback}}, []string{"400", "post_logout_redirect_uri", "is not registered for the client"}},
	} {
		resp, err := browser.PostForm(s.IdP.URL()+row.path, row.form)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		text := lines(t, log, 1)
		for _, want := range row.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s %v: the log lacks %q:\n%s", row.path, row.form, want, text)
			}
		}
		if strings.Contains(text, "pw@") || strings.Contains(text, "code=1") {
			t.Errorf("the log contains a secret:\n%s", text)
		}
	}
	resp, err := http.Get(s.OAuth.URL() + "/dialog/oauth?client_id=1&redirect_uri=" + url.QueryEscape(loopback))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if text := lines(t, log, 1); !strings.Contains(text, `client_id "1" is unknown`) {
		t.Errorf("the log does not name the OAuth provider's unknown client:\n%s", text)
	}
}

// An action's name comes from the client: only a plain word is logged.
func TestLogRepeatsWordsAlone(t *testing.T) {
	t.Parallel()
	l := &requestLog{sessions: &Sessions{}}
	for action, want := range map[string]string{
		"GetCallerIdentity": "GetCallerIdentity", "urn:ietf:params:oauth:grant-type:device_code": "urn:ietf:params:oauth:grant-type:device_code",
		"eyJhbGciOi.eyJ.c2ln": "", strings.Repeat("a", 65): "", "two words": "", "": "",
	} {
		if got := l.actionOf(&http.Request{}, url.Values{"Action": {action}}); got != want {
			t.Errorf("actionOf(%q) = %q, want %q", action, got, want)
		}
	}
}

// Reading a form in advance leaves the whole body.
func TestFormIsLeft(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"Action=x&y=z", strings.Repeat("a", maxForm+10), ""} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		formOf(r)
		if got, err := io.ReadAll(r.Body); err != nil || string(got) != body {
			t.Errorf("read %d bytes, want %d, %v", len(got), len(body), err)
		}
	}
}
