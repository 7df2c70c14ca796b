package upload

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/sandbox"
	"github.com/daypass/daypass/pkg/secret"
)

func start(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// signedIn returns an uploader with the sandbox's credential for a person and that person's prefix.
func signedIn(t *testing.T, s *sandbox.Sandbox, person string) *Uploader {
	t.Helper()
	c := assumeRole(t, s, idToken(t, s, person))
	u := uploader(s.S3.URL())
	u.Bucket, u.Prefix = sandbox.Bucket, "uploads/"+c.Subject+"/"
	u.Credentials = func(context.Context) (credential.Credential, error) { return c, nil }
	return u
}

// idToken signs in by the authorization code flow.
func idToken(t *testing.T, s *sandbox.Sandbox, person string) string {
	t.Helper()
	verifier := strings.Repeat("v", 43)
	challenge := sha256.Sum256([]byte(verifier))
	const redirectURI = "http://127.0.0.1:1/callback"
	query := url.Values{
		"client_id": {"daypass"}, "redirect_uri": {redirectURI}, "response_type": {"code"}, "scope": {"openid"},
		"state": {"state"}, "nonce": {"nonce"}, "login_hint": {person},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := browser.Get(s.IdP.URL() + "/authorize?" + query.Encode())
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	callback, err := response.Location()
	if err != nil {
		t.Fatalf("signing in as %s: status %d, %v", person, response.StatusCode, err)
	}
	var answer struct {
		IDToken string `json:"id_token"`
	}
	body := post(t, s.IdP.URL()+"/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"daypass"}, "redirect_uri": {redirectURI},
		"code": {callback.Query().Get("code")}, "code_verifier": {verifier},
	})
	if err := json.Unmarshal(body, &answer); err != nil || answer.IDToken == "" {
		t.Fatalf("signing in as %s: %v: %s", person, err, body)
	}
	return answer.IDToken
}

func assumeRole(t *testing.T, s *sandbox.Sandbox, token string) credential.Credential {
	t.Helper()
	var answer struct {
		Result struct {
			Credentials struct {
				AccessKeyID     string `xml:"AccessKeyId"`
				SecretAccessKey string
				SessionToken    string
				Expiration      time.Time
			}
			SubjectFromWebIdentityToken string
		} `xml:"AssumeRoleWithWebIdentityResult"`
	}
	body := post(t, s.STS.URL()+"/", url.Values{
		"Action": {"AssumeRoleWithWebIdentity"}, "Version": {"2011-06-15"}, "RoleArn": {sandbox.RoleARN},
		"RoleSessionName": {"test"}, "WebIdentityToken": {token},
	})
	if err := xml.Unmarshal(body, &answer); err != nil || answer.Result.Credentials.AccessKeyID == "" {
		t.Fatalf("assuming the role: %v: %s", err, body)
	}
	keys := answer.Result.Credentials
	return credential.Credential{
		AccessKeyID: keys.AccessKeyID, SecretAccessKey: secret.New(keys.SecretAccessKey), SessionToken: secret.New(keys.SessionToken),
		Issued: time.Now(), Expiration: keys.Expiration, Subject: answer.Result.SubjectFromWebIdentityToken,
	}
}

func post(t *testing.T, to string, form url.Values) []byte {
	t.Helper()
	response, err := http.PostForm(to, form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// The sandbox verifies signature, session, prefix, payload hash and checksum of every request.
func TestUploadToSandbox(t *testing.T) {
	t.Parallel()
	s := start(t)
	u := signedIn(t, s, "alice")
	for name, content := range map[string][]byte{
		"empty": {}, "one.txt": []byte("x"), "a b+c%d=é~(1)'?&#.bin2": {0}, "large": pattern(20 << 20),
	} {
		files, err := Plan(u.Prefix, []string{write(t, t.TempDir(), name, content)})
		if err != nil {
			t.Fatal(err)
		}
		object, err := u.Upload(t.Context(), files[0])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		stored, contentType, ok := s.S3.Object(object.Key)
		if !ok || !bytes.Equal(stored, content) || contentType != object.ContentType || object.ETag == "" {
			t.Errorf("%s: stored %d bytes as %q (%v), sent %d as %q, ETag %s", name, len(stored), contentType, ok,
				len(content), object.ContentType, object.ETag)
		}
	}
	if s.S3.Count("CompleteMultipartUpload") != 1 {
		t.Errorf("%d multipart uploads, want one for the large file", s.S3.Count("CompleteMultipartUpload"))
	}
}

func TestUploadToAnothersPrefix(t *testing.T) {
	t.Parallel()
	s := start(t)
	alice, bob := signedIn(t, s, "alice"), signedIn(t, s, "bob")
	alice.Prefix = bob.Prefix
	for _, size := range []int{1, 17 << 20} {
		files, err := Plan(alice.Prefix, []string{write(t, t.TempDir(), "photo.jpg", make([]byte, size))})
		if err != nil {
			t.Fatal(err)
		}
		_, err = alice.Upload(t.Context(), files[0])
		if e, ok := errors.AsType[*Error](err); !ok || !e.Refused() || e.Code != "AccessDenied" {
			t.Errorf("%d bytes: got %v, want AccessDenied", size, err)
		}
	}
}

// The SDK retries a request after a transient error.
func TestUploadIsRetried(t *testing.T) {
	t.Parallel()
	s := start(t)
	u := signedIn(t, s, "alice")
	s.S3.Break(sandbox.Fault{Code: "InternalError", Status: http.StatusInternalServerError, Times: 1})
	path := write(t, t.TempDir(), "a", []byte("hello"))
	if _, err := u.Upload(t.Context(), File{path, u.Prefix + "a"}); err != nil {
		t.Error(err)
	}
}
