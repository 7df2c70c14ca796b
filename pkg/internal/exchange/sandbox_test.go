package exchange

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/awsclient"
	"github.com/daypass/daypass/pkg/sandbox"
)

// newIdP starts an issuer that signs alice in without showing a page.
func newIdP(t *testing.T) *sandbox.IdP {
	t.Helper()
	p, err := sandbox.NewIdP()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	p.Set(func(k *sandbox.Knobs) { k.AutoSignIn = "alice" })
	return p
}

// signedToken returns a token that the issuer signed, by the authorization code flow.
func signedToken(t *testing.T, p *sandbox.IdP) identity.Token {
	t.Helper()
	const verifier, redirect = "a-code-verifier-of-forty-three-characters-or-more", "http://127.0.0.1:1/callback"
	challenge := sha256.Sum256([]byte(verifier))
	stay := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := stay.Get(p.URL() + "/authorize?" + url.Values{"client_id": {"daypass"}, "response_type": {"code"},
		"scope": {"openid email"}, "redirect_uri": {redirect}, "state": {"s"}, "nonce": {"n"}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		t.Fatalf("authorizing: status %d, %v", resp.StatusCode, err)
	}
	resp, err = http.PostForm(p.URL()+"/token", url.Values{"grant_type": {"authorization_code"}, "client_id": {"daypass"},
		"code": {back.Query().Get("code")}, "code_verifier": {verifier}, "redirect_uri": {redirect}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		IDToken string `json:"id_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	token, err := identity.ParseToken(answer.IDToken)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func newSTS(t *testing.T, p *sandbox.IdP, sessions *sandbox.Sessions, subjects ...string) *sandbox.STS {
	t.Helper()
	s, err := sandbox.NewSTS(sessions, sandbox.Role{ARN: roleARN, Issuer: p.URL(), Audiences: []string{"daypass"}, Subjects: subjects})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestSandboxSTS(t *testing.T) {
	t.Parallel()
	p, sessions := newIdP(t), &sandbox.Sessions{}
	server := newSTS(t, p, sessions)
	s := &STS{RoleARN: roleARN, AWS: AWS{Options: awsclient.Options{Region: "us-east-1", Endpoint: server.URL()}}}
	token := signedToken(t, p)
	for _, duration := range []time.Duration{0, 30 * time.Minute} {
		s.Duration = duration
		got, err := s.Exchange(t.Context(), proof(token))
		if err != nil {
			t.Fatal(err)
		}
		session, ok := sessions.Find(got.AccessKeyID)
		if !ok || !session.SecretAccessKey.Equal(got.SecretAccessKey) || got.Principal.ARN != session.Principal || got.Principal.UserID != session.UserID {
			t.Errorf("credential %+v is not what STS issued: %+v", got, session)
		}
		if got.Subject != token.Claims.Subject || got.Audience != "daypass" || got.Provider != p.URL() || got.Principal.SessionName() != "alice@example.com" {
			t.Errorf("credential %+v, want the token's claims as STS returned them", got)
		}
		if sent, asked := server.Last().Has("DurationSeconds"), duration > 0; sent != asked {
			t.Errorf("duration %v: DurationSeconds sent %v, want %v", duration, sent, asked)
		}
	}
	if server.Count("signed") != 0 {
		t.Error("a request was signed")
	}
}

func TestSandboxSTSRefuses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		knobs    func(*sandbox.Knobs)
		subjects []string
		role     string
		code     string
		expired  bool
	}{
		"expired":      {knobs: func(k *sandbox.Knobs) { k.Expired = true }, code: "ExpiredTokenException", expired: true},
		"wrong key":    {knobs: func(k *sandbox.Knobs) { k.WrongKey = true }, code: "InvalidIdentityToken"},
		"no azp":       {knobs: func(k *sandbox.Knobs) { k.ExtraAudience = true }, code: "InvalidIdentityToken"},
		"other person": {subjects: []string{"auth0|bob"}, code: "AccessDenied"},
		"no role":      {role: roleARN + "x", code: "AccessDenied"},
	} {
		p := newIdP(t)
		if row.knobs != nil {
			p.Set(row.knobs)
		}
		server := newSTS(t, p, &sandbox.Sessions{}, row.subjects...)
		if row.role == "" {
			row.role = roleARN
		}
		_, err := (&STS{RoleARN: row.role, AWS: AWS{Options: awsclient.Options{Region: "us-east-1", Endpoint: server.URL()}}}).Exchange(t.Context(), proof(signedToken(t, p)))
		var refused *Error
		if !errors.As(err, &refused) || refused.Code != row.code || refused.RequestID == "" {
			t.Errorf("%s: error %v, want %s and a request ID", name, err, row.code)
		}
		if errors.Is(err, identity.ErrTokenRejected) != row.expired {
			t.Errorf("%s: error %v, want ErrTokenRejected %v", name, err, row.expired)
		}
	}
}

func TestSandboxCognito(t *testing.T) {
	t.Parallel()
	p, sessions := newIdP(t), &sandbox.Sessions{}
	server, err := sandbox.NewCognito(sessions, sandbox.Pool{ID: poolID, Issuers: map[string][]string{p.URL(): {"daypass"}}, AuthenticatedRole: roleARN})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	c := &Cognito{IdentityPoolID: poolID, AWS: AWS{Options: awsclient.Options{Endpoint: server.URL()}}, IdentityIDs: memory{}}
	var ids []string
	for range 2 {
		got, err := c.Exchange(t.Context(), proof(signedToken(t, p)))
		if err != nil {
			t.Fatal(err)
		}
		session, ok := sessions.Find(got.AccessKeyID)
		if !ok || session.IdentityID != got.IdentityID || !session.SessionToken.Equal(got.SessionToken) {
			t.Errorf("credential %+v is not what Cognito issued: %+v", got, session)
		}
		ids = append(ids, got.IdentityID)
	}
	if ids[0] != ids[1] || !strings.HasPrefix(ids[0], "us-east-1:") || server.Count("GetId") != 1 || server.Count("signed") != 0 {
		t.Errorf("identities %v after %d GetId, %d signed requests; want one identity, one GetId, no signed request", ids, server.Count("GetId"), server.Count("signed"))
	}
	p.Set(func(k *sandbox.Knobs) { k.Expired = true })
	if _, err := c.Exchange(t.Context(), proof(signedToken(t, p))); !errors.Is(err, identity.ErrTokenRejected) {
		t.Errorf("with an expired token: error %v, want ErrTokenRejected", err)
	}
}
