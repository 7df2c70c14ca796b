package login

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/sandbox"
	"github.com/daypass/daypass/pkg/secret"
)

func signedIn(t *testing.T, knob func(*sandbox.Knobs)) (*sandbox.IdP, *Login, identity.Grant) {
	t.Helper()
	idp := newIdP(t, knob)
	l, _ := newLogin(t, idp.URL())
	grant, err := l.SignIn(limited(t))
	if err != nil {
		t.Fatal(err)
	}
	return idp, l, grant
}

func TestRenew(t *testing.T) {
	t.Parallel()
	idp, l, first := signedIn(t, nil)
	second, err := l.Renew(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	if second.Refresh.Equal(first.Refresh) || second.ID.IsZero() || second.ID.Claims.Subject != first.ID.Claims.Subject {
		t.Error("the renewed grant lacks the new refresh token, or is another's")
	}
	if got := idp.Count("token:refresh_token"); got != 1 {
		t.Errorf("%d refresh requests, want 1", got)
	}
	idp.Set(func(k *sandbox.Knobs) { k.NoRotation = true })
	second.RefreshExpiry = time.Unix(2e9, 0)
	third, err := l.Renew(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	if !third.Refresh.Equal(second.Refresh) || !third.RefreshExpiry.Equal(second.RefreshExpiry) {
		t.Error("without a new refresh token the old one and its expiry are not kept")
	}
	if _, err := l.Renew(t.Context(), identity.Grant{Refresh: third.Refresh}); err != nil {
		t.Errorf("a grant that was kept without its ID token: %v", err)
	}
}

func TestRenewRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		knob     func(*sandbox.Knobs)
		want     string
		revoked  bool
		keepsNew bool
	}{
		{"invalid_grant", func(k *sandbox.Knobs) { k.TokenError = "invalid_grant" }, "invalid_grant", true, false},
		{"invalid_client", func(k *sandbox.Knobs) { k.TokenError = "invalid_client" }, "invalid_client", false, false},
		{"503", func(k *sandbox.Knobs) { k.TokenStatus = 503 }, "HTTP 503", false, false},
		{"no ID token", func(k *sandbox.Knobs) { k.RefreshNoIDToken = true }, identity.ErrNoIDToken.Error(), false, true},
		{"another subject", func(k *sandbox.Knobs) { k.RefreshSubject = "mallory" }, "another person's", false, false},
		{"another audience", func(k *sandbox.Knobs) { k.WrongAudience = true }, "audience", false, true},
		{"another issuer", func(k *sandbox.Knobs) { k.WrongIssuer = true }, "issuer", false, true},
		{"wrong key", func(k *sandbox.Knobs) { k.WrongKey = true }, "none of the IdP's keys", false, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			idp, l, first := signedIn(t, nil)
			idp.Set(test.knob)
			got, err := l.Renew(t.Context(), first)
			if err == nil {
				t.Fatal("renewed")
			}
			wantText(t, "error", err.Error(), test.want)
			if errors.Is(err, identity.ErrGrantRevoked) != test.revoked {
				t.Errorf("%v: revoked %v, want %v", err, !test.revoked, test.revoked)
			}
			if !got.ID.IsZero() || !got.Access.IsZero() || got.Refresh.IsZero() == test.keepsNew {
				t.Errorf("beside the error: %+v, want a refresh token alone: %v", got, test.keepsNew)
			}
			if test.keepsNew && got.Refresh.Equal(first.Refresh) {
				t.Error("the refresh token beside the error is the old one")
			}
			if n := idp.Count("token:refresh_token"); n != 1 {
				t.Errorf("%d refresh requests, want 1", n)
			}
		})
	}
}

func TestRenewWithoutAnswer(t *testing.T) {
	t.Parallel()
	idp, l, first := signedIn(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	idp.Set(func(k *sandbox.Knobs) { k.Delay = time.Minute })
	_, err := l.Renew(ctx, first)
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, identity.ErrGrantRevoked) {
		t.Errorf("Renew() = %v, want the deadline and not revoked", err)
	}
	_, err = l.Renew(t.Context(), identity.Grant{})
	if !errors.Is(err, identity.ErrGrantRevoked) {
		t.Errorf("without a refresh token: %v, want revoked", err)
	}
}

func TestSamePerson(t *testing.T) {
	t.Parallel()
	old := identity.Claims{Issuer: "https://accounts.google.com", Subject: "1", Audience: []string{"a"}}
	for name, test := range map[string]struct {
		renewed identity.Claims
		same    bool
	}{
		"same":       {old, true},
		"schemeless": {identity.Claims{Issuer: "accounts.google.com", Subject: "1", Audience: []string{"a", "b"}}, true},
		"issuer":     {identity.Claims{Issuer: "https://x", Subject: "1", Audience: []string{"a"}}, false},
		"subject":    {identity.Claims{Issuer: old.Issuer, Subject: "2", Audience: []string{"a"}}, false},
		"audience":   {identity.Claims{Issuer: old.Issuer, Subject: "1", Audience: []string{"b"}}, false},
	} {
		if err := samePerson(old, test.renewed); (err == nil) != test.same {
			t.Errorf("%s: %v, want the same person: %v", name, err, test.same)
		}
	}
}

// tokenServer answers at its token endpoint with that status, type and body.
func tokenServer(t *testing.T, status int, contentType, body string) *Login {
	t.Helper()
	mux := http.NewServeMux()
	issuer := serve(t, mux)
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(metadata{Issuer: issuer, AuthURL: issuer + "/a", TokenURL: issuer + "/token?key=hidden-key", JWKSURL: issuer + "/k",
			RevokeURL: issuer + "/token?key=hidden-key"})
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
	return &Login{Issuer: issuer, ClientID: "daypass"}
}

// Whatever the token endpoint answers, no error repeats it.
func TestErrorsQuoteNoAnswer(t *testing.T) {
	t.Parallel()
	const hidden = "hidden-token"
	for _, test := range []struct {
		status      int
		contentType string
		body        string
	}{
		{200, "application/json", `{"access_token":12345678,"refresh_token":"` + hidden + `"}`},
		{200, "application/json", `{"refresh_token":"` + hidden + `"}`},
		{200, "application/json", hidden},
		{200, "text/plain", "refresh_token=" + hidden + "&%zz"},
		{400, "application/json", `{"refresh_token":"` + hidden + `"}`},
		{400, "text/html", hidden},
		{500, "application/json", `{"error":"invalid_grant","error_description":"` + hidden + `"}`},
		{302, "text/html", hidden},
		{200, "application/json", `{"access_token":"a","id_token":"` + hidden + `.` + hidden + `.` + hidden + `"}`},
		{200, "application/json", `{"access_token":"a","id_token":"e30.` + hidden + `"}`},
		{200, "application/json", strings.Repeat(hidden, maxBodyBytes/8)},
	} {
		l := tokenServer(t, test.status, test.contentType, test.body)
		grant, err := l.Renew(t.Context(), identity.Grant{Refresh: secret.New("old-secret")})
		if err == nil || errors.Is(err, identity.ErrGrantRevoked) {
			t.Errorf("%d %.60s: %v", test.status, test.body, err)
			continue
		}
		for _, not := range []string{hidden, "12345678", "hidden-key", "old-secret"} {
			if strings.Contains(err.Error(), not) || strings.Contains(fmt.Sprintf("%+v", grant), not) {
				t.Errorf("%d %.60s: the error quotes %q: %v", test.status, test.body, not, err)
			}
		}
		if err := l.Revoke(t.Context(), identity.Grant{Refresh: secret.New("old-secret")}); test.status != 200 &&
			(err == nil || test.status != 500 && strings.Contains(err.Error(), hidden) || strings.Contains(err.Error(), "hidden-key")) {
			t.Errorf("%d %.60s: revoking: %v", test.status, test.body, err)
		}
	}
}

func TestRefreshExpiry(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	for body, want := range map[string]time.Time{
		`{"access_token":"a"}`:                                       {},
		`{"access_token":"a","refresh_expires_in":0}`:                {},
		`{"access_token":"a","refresh_expires_in":1800}`:             now.Add(30 * time.Minute),
		`{"access_token":"a","refresh_token_expires_in":86400}`:      now.Add(24 * time.Hour),
		`{"access_token":"a","refresh_token_expires_in":"tomorrow"}`: {},
		`{"access_token":"a","refresh_token_expires_in":-5}`:         {},
		`{"access_token":"a","refresh_token_expires_in":1e300}`:      {},
	} {
		l := tokenServer(t, 200, "application/json", body)
		l.Now = func() time.Time { return now }
		grant, err := l.Renew(t.Context(), identity.Grant{Refresh: secret.New("r")})
		if !errors.Is(err, identity.ErrNoIDToken) || !grant.RefreshExpiry.Equal(want) || !grant.Refresh.Equal(secret.New("r")) {
			t.Errorf("%s: expiry %v, %v, want %v", body, grant.RefreshExpiry, err, want)
		}
	}
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	idp, l, grant := signedIn(t, nil)
	if err := l.Revoke(t.Context(), grant); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Renew(t.Context(), grant); !errors.Is(err, identity.ErrGrantRevoked) {
		t.Errorf("renewing what was revoked: %v", err)
	}
	if err := l.Revoke(t.Context(), identity.Grant{}); err != nil || idp.Count("revoke") != 1 {
		t.Errorf("revoking nothing: %v, %d requests", err, idp.Count("revoke"))
	}
	idp.Set(func(k *sandbox.Knobs) { k.NoRevocation = true })
	if err := l.Revoke(t.Context(), grant); !errors.Is(err, ErrNoRevocation) {
		t.Errorf("without an endpoint: %v, want ErrNoRevocation", err)
	}
}
