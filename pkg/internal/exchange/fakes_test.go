package exchange

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/awsclient"
)

const (
	roleARN = "arn:aws:iam::111122223333:role/PhotoUploader"
	poolID  = "us-east-1:11111111-2222-3333-4444-555555555555"
	aliceID = "us-east-1:aaaaaaaa-0000-0000-0000-000000000001"
	otherID = "us-east-1:bbbbbbbb-0000-0000-0000-000000000002"
)

// asked is one request as the fake AWS received it.
type asked struct {
	operation string
	header    http.Header
	form      url.Values     // of STS
	json      map[string]any // of Cognito
}

// wire sends responses in AWS's wire format, for errors that a working service does not send on demand.
type wire struct {
	answer func(n int, a asked) (status int, body string)
	date   time.Time // of the Date header; zero means the server's own
	seen   []asked
}

func (w *wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a := asked{header: r.Header.Clone()}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		a.operation = target[strings.LastIndex(target, ".")+1:]
		_ = json.Unmarshal(body, &a.json)
		rw.Header().Set("Content-Type", "application/x-amz-json-1.1")
	} else {
		a.form, _ = url.ParseQuery(string(body))
		a.operation = a.form.Get("Action")
		rw.Header().Set("Content-Type", "text/xml")
	}
	w.seen = append(w.seen, a)
	if !w.date.IsZero() {
		rw.Header().Set("Date", w.date.UTC().Format(http.TimeFormat))
	}
	status, text := w.answer(len(w.seen), a)
	rw.WriteHeader(status)
	io.WriteString(rw, text)
}

// inProcess passes requests to a handler without a network, so that it works in a synctest bubble.
type inProcess struct{ http.Handler }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	p.ServeHTTP(rec, r)
	return rec.Result(), nil
}

func via(h http.Handler) AWS {
	return AWS{Options: awsclient.Options{Region: "us-east-1", HTTPClient: &http.Client{Transport: inProcess{h}}, UserAgent: "daypass/1.2.3"}}
}

func stsGives(expiration time.Time) string {
	return fmt.Sprintf(`<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
<Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>sk</SecretAccessKey><SessionToken>st</SessionToken><Expiration>%s</Expiration></Credentials>
<AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/PhotoUploader/alice@example.com</Arn><AssumedRoleId>AROA:alice@example.com</AssumedRoleId></AssumedRoleUser>
<SubjectFromWebIdentityToken>auth0|1102</SubjectFromWebIdentityToken><Audience>daypass</Audience><Provider>https://idp.example.com</Provider><SourceIdentity>alice</SourceIdentity>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`, expiration.UTC().Format(time.RFC3339))
}

func stsRefuses(code, message string) string {
	return fmt.Sprintf(`<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>req-1</RequestId></ErrorResponse>`, code, message)
}

func cognitoGives(id string, expiration time.Time) string {
	return fmt.Sprintf(`{"IdentityId":%q,"Credentials":{"AccessKeyId":"ASIAEXAMPLE","SecretKey":"sk","SessionToken":"st","Expiration":%d.5}}`, id, expiration.Unix())
}

func cognitoRefuses(code, message string) string {
	return fmt.Sprintf(`{"__type":%q,"message":%q}`, code, message)
}

// tokenOf returns a token with these claims; its signature is not valid.
func tokenOf(t *testing.T, claims map[string]any) identity.Token {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	token, err := identity.ParseToken(encode([]byte(`{"alg":"RS256"}`)) + "." + encode(payload) + ".c2lnbmF0dXJl")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func alice(t *testing.T) identity.Token {
	return tokenOf(t, map[string]any{"iss": "https://idp.example.com", "aud": "daypass", "sub": "auth0|1102",
		"email": "alice@example.com", "team": "photo", "exp": time.Now().Add(time.Hour).Unix()})
}

func proof(t identity.Token) identity.Proof { return identity.Grant{ID: t}.Proof() }

// memory implements IdentityIDs.
type memory map[string][]byte

func (m memory) Get(_ context.Context, key string) ([]byte, error) { return m[key], nil }
func (m memory) Put(_ context.Context, key string, value []byte, _ time.Time) error {
	m[key] = value
	return nil
}
