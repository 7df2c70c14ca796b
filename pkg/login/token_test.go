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
	"github.com/daypass/daypass/pkg/secret"
)

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
