package login

import (
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

// tokenServer responds at its token endpoint with that status, type and body.
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

// No error quotes the response of the token endpoint.
func TestErrorsQuoteNoResponse(t *testing.T) {
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

// AWS needs only the ID token: other members of a token response, and its Content-Type, do not matter.
func TestOddTokenResponses(t *testing.T) {
	t.Parallel()
	idp, l, grant := signedIn(t, func(k *sandbox.Knobs) { k.BareAnswer = true })
	if grant.ID.IsZero() || grant.Refresh.IsZero() || !grant.Access.IsZero() {
		t.Errorf("signing in: %+v", grant)
	}
	renewed, err := l.Renew(t.Context(), grant)
	if err != nil || renewed.ID.IsZero() || renewed.Refresh.Equal(grant.Refresh) {
		t.Errorf("refreshing: %+v, %v", renewed, err)
	}
	if err := l.Revoke(t.Context(), renewed); err != nil || idp.LiveGrants() != 0 {
		t.Errorf("revoking: %v, %d live grants", err, idp.LiveGrants())
	}
	for _, body := range []string{
		`{"id_token":"i","refresh_token":"r"}`,
		`{"id_token":"i","refresh_token":"r","access_token":null,"token_type":7,"expires_in":3599.9,"scope":["openid"]}`,
		`{"id_token":"i","refresh_token":"r","expires_in":"soon","refresh_expires_in":[],"error":"","error_description":{}}`,
		` {"id_token":"i","refresh_token":"r","access_token":{},"not_before":"x","profile_info":{"a":[1]}} `,
	} {
		if got, err := parseTokens(200, []byte(body), ""); err != nil || got.idToken != "i" || got.refreshToken != "r" {
			t.Errorf("%s: %+v, %v", body, got, err)
		}
	}
}

// The granted scopes are sent in later refresh requests.
func TestGrantedScopes(t *testing.T) {
	t.Parallel()
	requested := []string{"openid", "email", "offline_access"}
	for _, row := range []struct{ body, want string }{
		{`{}`, "openid email offline_access"},
		{`{"scope":""}`, "openid email offline_access"},
		{`{"scope":"openid email"}`, "openid email"},
		{`{"scope":"openid email","refresh_token":"r"}`, "openid email offline_access"}, // Microsoft
		{`{"scope":"https://api.example.com/read"}`, "https://api.example.com/read openid"},
		{`{"scope":"openid https://www.googleapis.com/auth/userinfo.email"}`, "openid https://www.googleapis.com/auth/userinfo.email"},
	} {
		response, err := parseTokens(200, []byte(row.body), "")
		if got := strings.Join(response.granted(requested), " "); err != nil || got != row.want {
			t.Errorf("%s: %q, %v; want %q", row.body, got, err, row.want)
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
		`{"refresh_expires_in":1800.5}`:                              now.Add(1800*time.Second + 500*time.Millisecond),
		`{"refresh_expires_in":"1800","expires_in":{}}`:              now.Add(30 * time.Minute),
		`{"refresh_expires_in":"NaN"}`:                               {},
	} {
		l := tokenServer(t, 200, "application/json", body)
		l.Now = func() time.Time { return now }
		grant, err := l.Renew(t.Context(), identity.Grant{Refresh: secret.New("r")})
		if !errors.Is(err, identity.ErrNoIDToken) || !grant.RefreshExpiry.Equal(want) || !grant.Refresh.Equal(secret.New("r")) {
			t.Errorf("%s: expiry %v, %v, want %v", body, grant.RefreshExpiry, err, want)
		}
	}
}
