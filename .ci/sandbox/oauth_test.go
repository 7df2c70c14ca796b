//go:build integration

package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
)

// idToken signs in as the user by the authorization code flow, without state and nonce.
func (c *cloud) idToken(user string) string {
	c.t.Helper()
	codes := make(chan string, 1)
	callback := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		codes <- r.FormValue("code")
	}))
	defer callback.Close()
	issuer, clientID := c.setting("issuer"), c.setting("client_id")
	verifier := strings.Repeat("v", 43)
	challenge := sha256.Sum256([]byte(verifier))
	query := url.Values{"response_type": {"code"}, "client_id": {clientID}, "redirect_uri": {callback.URL}, "scope": {"openid email"},
		"code_challenge_method": {"S256"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}}
	if r := c.in([]string{"DAYPASS_SANDBOX_USER=" + user}, c.program(), issuer+"/authorize?"+query.Encode()); !r.ok() {
		c.t.Fatalf("signing in: %s", r)
	}
	resp, err := c.client().PostForm(issuer+"/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {clientID}, "redirect_uri": {callback.URL}, "code": {<-codes}, "code_verifier": {verifier},
	})
	c.must(err)
	defer resp.Body.Close()
	var answer struct {
		IDToken string `json:"id_token"`
	}
	c.must(json.NewDecoder(resp.Body).Decode(&answer))
	if answer.IDToken == "" {
		c.t.Fatalf("the token endpoint answers %s without an ID token", resp.Status)
	}
	return answer.IDToken
}

// subjectOf returns the claim sub.
func (c *cloud) subjectOf(idToken string) string {
	c.t.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(idToken+"..", ".")[1])
	c.must(err)
	var claims struct {
		Subject string `json:"sub"`
	}
	c.must(json.Unmarshal(payload, &claims))
	return claims.Subject
}

// prefixOf returns the prefix that the role's policy lets the user write to.
func (c *cloud) prefixOf(user string) string {
	c.t.Helper()
	return "uploads/" + c.subjectOf(c.idToken(user)) + "/"
}
