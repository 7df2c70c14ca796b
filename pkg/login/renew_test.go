package login

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/sandbox"
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

// What ends a grant, and what may pass.
func TestRenewError(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		err  error
		ends bool
	}{
		{&IdPError{Code: "invalid_grant"}, true},
		{&IdPError{Code: "invalid_request", Description: "Refresh token is invalid or has already been claimed by another client."}, true}, // dex 2.44.0
		{&IdPError{Code: "invalid_request", Description: "client_secret is missing."}, false},
		{&IdPError{Code: "invalid_client"}, false},
		{&IdPError{Code: "temporarily_unavailable"}, false},
		{errors.New("HTTP 503"), false},
	} {
		if got := errors.Is(renewError(row.err), identity.ErrGrantRevoked); got != row.ends {
			t.Errorf("%v: ends the grant %t, want %t", row.err, got, row.ends)
		}
	}
}
