//go:build integration

package integration

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

// Dex and MinIO work without daypass: a client of ten lines signs in at dex, MinIO accepts its ID token, and the
// policy applies. If this test fails, the failures of other tests say nothing about daypass.
func TestPartsWithoutDaypass(t *testing.T) {
	for _, idp := range []*issuer{parts.dex, parts.short} {
		t.Run(idp.clientID, func(t *testing.T) {
			session := assumeByHand(t, idp, signInByHand(t, idp, "alice"))
			own := "me/" + bucket + "/uploads/" + subjectOf("alice") + "/by-hand.txt"
			if r := parts.minio.mc("me", session, []byte("hello"), "pipe", own); !r.ok() {
				t.Errorf("writing under the person's own prefix: %s", r)
			}
			others := "me/" + bucket + "/uploads/" + subjectOf("bob") + "/by-hand.txt"
			if r := parts.minio.mc("me", session, []byte("hello"), "pipe", others); r.ok() {
				t.Errorf("writing under another's prefix is allowed, want it refused")
			}
		})
	}
}

// signInByHand runs the authorization code flow without PKCE, state and nonce, and returns the ID token.
func signInByHand(t *testing.T, idp *issuer, name string) string {
	t.Helper()
	codes := make(chan string, 1)
	callback := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		codes <- r.FormValue("code")
	}))
	defer callback.Close()
	query := url.Values{"response_type": {"code"}, "client_id": {idp.clientID}, "redirect_uri": {callback.URL}, "scope": {"openid email"}}
	who := personConfig{Name: name, Visits: filepath.Join(t.TempDir(), "visits")}
	if err := who.signIn(idp.url + "/auth?" + query.Encode()); err != nil {
		t.Fatalf("signing in: %v", err)
	}
	_, body, err := fetch(http.PostForm(idp.url+"/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {idp.clientID}, "redirect_uri": {callback.URL}, "code": {<-codes},
	}))
	if err != nil {
		t.Fatalf("redeeming the code: %v", err)
	}
	var answer struct {
		IDToken string `json:"id_token"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.IDToken
}

// assumeByHand exchanges the ID token at MinIO's STS for ACCESS:SECRET:SESSION-TOKEN.
func assumeByHand(t *testing.T, idp *issuer, idToken string) string {
	t.Helper()
	_, body, err := fetch(http.PostForm(parts.minio.url, url.Values{
		"Action": {"AssumeRoleWithWebIdentity"}, "Version": {"2011-06-15"}, "RoleArn": {roleARN(idp)},
		"RoleSessionName": {"by-hand"}, "WebIdentityToken": {idToken},
	}))
	if err != nil {
		t.Fatalf("assuming the role: %v", err)
	}
	var answer struct {
		Keys struct {
			AccessKeyID     string `xml:"AccessKeyId"`
			SecretAccessKey string
			SessionToken    string
		} `xml:"AssumeRoleWithWebIdentityResult>Credentials"`
	}
	if err := xml.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	keys := answer.Keys
	return strings.Join([]string{keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken}, ":")
}
