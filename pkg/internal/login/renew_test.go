package login

import (
	"context"
	"errors"
	"net"
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
		t.Error("the new grant lacks the new refresh token, or has another subject")
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
		t.Error("without a new refresh token, the grant lacks the old one or its expiry")
	}
	if _, err := l.Renew(t.Context(), identity.Grant{Refresh: third.Refresh}); err != nil {
		t.Errorf("a grant that was stored without its ID token: %v", err)
	}
}

func TestRenewRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		knob       func(*sandbox.Knobs)
		want       string
		revoked    bool
		returnsNew bool
	}{
		{"invalid_grant", func(k *sandbox.Knobs) { k.TokenError = "invalid_grant" }, "invalid_grant", true, false},
		{"invalid_client", func(k *sandbox.Knobs) { k.TokenError = "invalid_client" }, "invalid_client", false, false},
		{"503", func(k *sandbox.Knobs) { k.TokenStatus = 503 }, "HTTP 503", false, false},
		{"no ID token", func(k *sandbox.Knobs) { k.RefreshNoIDToken = true }, identity.ErrNoIDToken.Error(), false, true},
		{"another subject", func(k *sandbox.Knobs) { k.RefreshSubject = "mallory" }, "another subject", false, false},
		{"another audience", func(k *sandbox.Knobs) { k.WrongAudience = true }, "audience", false, true},
		{"another issuer", func(k *sandbox.Knobs) { k.WrongIssuer = true }, "issuer", false, true},
		{"wrong key", func(k *sandbox.Knobs) { k.WrongKey = true }, "none of the identity provider's keys", false, true},
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
			if !got.ID.IsZero() || !got.Access.IsZero() || got.Refresh.IsZero() == test.returnsNew {
				t.Errorf("returned with the error: %+v, want only a refresh token: %v", got, test.returnsNew)
			}
			if test.returnsNew && got.Refresh.Equal(first.Refresh) {
				t.Error("the refresh token returned with the error is the old one")
			}
			if n := idp.Count("token:refresh_token"); n != 1 {
				t.Errorf("%d refresh requests, want 1", n)
			}
		})
	}
}

func TestRenewWithoutResponse(t *testing.T) {
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

// A response to a refresh request has one of four meanings: the refresh token is void, only a sign-in helps, a sign-in may
// help, or nothing is known.
func TestRefreshResponses(t *testing.T) {
	t.Parallel()
	const (
		revoked   = "revoked"
		needed    = "sign-in needed"
		refused   = "refused"
		transient = "transient"
		json      = "application/json"
	)
	for _, row := range []struct {
		status            int
		contentType, body string
		want              string
	}{
		{400, json, `{"error":"invalid_grant"}`, revoked},
		{401, "text/html", `{"error":"invalid_grant"}`, revoked},
		{400, json, `{"error":"invalid_request","error_description":"Refresh token is invalid or has already been claimed by another client."}`, revoked}, // dex 2.44.0
		{400, json, `{"error":"interaction_required"}`, needed},
		{400, "text/plain", `{"error":"login_required","error_description":7}`, needed},
		{400, json, `{"error":"invalid_token","error_codes":[50173],"expires_in":"x"}`, needed},
		{400, json, `{"error":"invalid_request","error_description":"client_secret is missing."}`, needed},
		{401, json, `{"error":"invalid_client"}`, needed},
		{403, json, `{"error":"access_denied"}`, needed},
		{400, "", `{"error":"unauthorized_client"}`, needed},
		{400, json, `{"error":"temporarily_unavailable"}`, refused},
		{400, json, `{"error":"server_error"}`, refused},
		{400, json, `{"error":"slow_down"}`, refused},
		{404, json, `{"error":"invalid_grant"}`, refused},
		{200, json, `{"error":"invalid_grant"}`, refused},
		{400, json, `{"error":{"message":"no","code":190}}`, refused}, // Facebook
		{400, json, `{"errorCode":"E0000011"}`, refused},              // Okta's own form
		{400, json, `["invalid_grant"]`, refused},
		{403, "text/html", "<html>Forbidden", refused},
		{400, "text/plain", "", refused},
		{200, "text/html", "<html>Welcome", refused},
		{302, "text/html", "", refused},
		{407, json, `{"error":"invalid_grant"}`, transient},
		{429, json, `{"error":"invalid_grant"}`, transient},
		{500, json, `{"error":"invalid_grant"}`, transient},
		{503, "text/html", "", transient},
	} {
		l := tokenServer(t, row.status, row.contentType, row.body)
		_, err := l.Renew(t.Context(), identity.Grant{Refresh: secret.New("r")})
		refusal, isRefusal := errors.AsType[*identity.RefusedError](err)
		got := transient
		switch {
		case err == nil || errors.Is(err, identity.ErrNoIDToken):
			got = "renewed"
		case errors.Is(err, identity.ErrGrantRevoked):
			got = revoked
		case isRefusal && refusal.SignInNeeded:
			got = needed
		case isRefusal:
			got = refused
		}
		if got != row.want {
			t.Errorf("%d %s %s: %s (%v), want %s", row.status, row.contentType, row.body, got, err, row.want)
		}
	}
}

// A refreshed ID token that cannot be used is a RefusedError, because a sign-in may help. It does not help if the keys
// cannot be fetched.
func TestRefreshedTokenIsUnusable(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		knob    func(*sandbox.Knobs)
		refused bool
	}{
		"the expired one again": {func(k *sandbox.Knobs) { k.Expired = true }, true},
		"another person's":      {func(k *sandbox.Knobs) { k.RefreshSubject = "mallory" }, true},
		"another audience":      {func(k *sandbox.Knobs) { k.WrongAudience = true }, true},
		"wrong key":             {func(k *sandbox.Knobs) { k.WrongKey = true }, true},
		"EdDSA":                 {func(k *sandbox.Knobs) { k.Alg = "EdDSA" }, false},
		"keys 503":              {func(k *sandbox.Knobs) { k.KeysStatus = 503 }, false},
		"keys 404":              {func(k *sandbox.Knobs) { k.KeysStatus = 404 }, true},
	} {
		idp, l, grant := signedIn(t, nil)
		idp.Set(row.knob)
		_, err := l.Renew(t.Context(), grant)
		refusal, ok := errors.AsType[*identity.RefusedError](err)
		if err == nil || ok != row.refused || ok && refusal.SignInNeeded {
			t.Errorf("%s: %v, a refusal: %t, want %t", name, err, ok, row.refused)
		}
	}
	if err := unusableError(t.Context(), &net.OpError{Op: "dial", Err: errors.New("no route to host")}); err == nil || errors.As(err, new(*identity.RefusedError)) {
		t.Errorf("no network to the keys: %v is a refusal", err)
	}
}

// A refresh request contains the granted scopes. If the IdP refuses them, the request is sent once more without them, and
// the grant records that.
func TestRefreshSendsScope(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		knob     func(*sandbox.Knobs)
		requests int // in two calls of Renew
		without  bool
		wantErr  string
	}{
		{"required", func(k *sandbox.Knobs) { k.RefreshNeedsOpenID = true }, 2, false, ""},
		{"invalid_scope", func(k *sandbox.Knobs) { k.RefreshScopeError = "invalid_scope" }, 3, true, ""},
		{"invalid_request", func(k *sandbox.Knobs) { k.RefreshScopeError = "invalid_request" }, 3, true, ""},
		{"other error", func(k *sandbox.Knobs) { k.RefreshScopeError = "unauthorized_client" }, 1, false, "unauthorized_client"},
		{"refused with and without", func(k *sandbox.Knobs) {
			k.RefreshAnswer = sandbox.Answer{Status: 400, Body: `{"error":"invalid_request"}`}
		}, 2, false, "invalid_request"},
		{"void, as dex reports it", func(k *sandbox.Knobs) {
			k.RefreshAnswer = sandbox.Answer{Status: 400, Body: `{"error":"invalid_request","error_description":"Refresh token is invalid or …"}`}
		}, 1, false, "Refresh token is invalid"},
		{"required and refused", func(k *sandbox.Knobs) { k.RefreshScopeError, k.RefreshNeedsOpenID = "invalid_scope", true }, 2, true,
			identity.ErrNoIDToken.Error()},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			idp, l, grant := signedIn(t, row.knob)
			var err error
			for range 2 {
				if grant, err = l.Renew(t.Context(), grant); err != nil {
					break
				}
			}
			if (err == nil) != (row.wantErr == "") {
				t.Fatalf("Renew: %v, want %q", err, row.wantErr)
			}
			if err != nil {
				wantText(t, "error", err.Error(), row.wantErr)
			}
			if got := idp.Count("token:refresh_token"); got != row.requests || grant.RefreshWithoutScope != row.without {
				t.Errorf("%d requests, without scope from now on: %t; want %d, %t", got, grant.RefreshWithoutScope, row.requests, row.without)
			}
		})
	}
}
