package broker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// Each row has the IdP's answers to refresh requests, the requests, and the refresh token that is stored afterwards.
func TestRenewalAnswers(t *testing.T) {
	t.Parallel()
	revoked := fmt.Errorf("renewing: %w", identity.ErrGrantRevoked)
	consent := fmt.Errorf("renewing: %w", &identity.RefusedError{SignInNeeded: true, Err: errors.New("consent_required")})
	notFound := fmt.Errorf("renewing: %w", &identity.RefusedError{Err: errors.New("HTTP 404")})
	for _, row := range []struct {
		name      string
		answers   []error // nil: refresh-new is issued
		elsewhere string  // token that another process stores before the first answer
		asked     []string
		stored    string // "": none
		needed    bool   // whether a sign-in is needed
	}{
		{"good", []error{nil}, "", []string{"refresh-1"}, "refresh-new", false},
		{"invalid_grant", []error{revoked}, "", []string{"refresh-1"}, "", true},
		{"invalid_grant, rotated elsewhere", []error{revoked, nil}, "refresh-2", []string{"refresh-1", "refresh-2"}, "refresh-new", false},
		{"invalid_grant twice", []error{revoked, revoked}, "refresh-2", []string{"refresh-1", "refresh-2"}, "", true},
		{"invalid_grant, then 503", []error{revoked, errors.New("HTTP 503")}, "refresh-2", []string{"refresh-1", "refresh-2"}, "refresh-2", false},
		{"consent_required", []error{consent}, "", []string{"refresh-1"}, "refresh-1", true},
		{"HTTP 404", []error{notFound}, "", []string{"refresh-1"}, "refresh-1", false},
		{"invalid_grant, then consent_required", []error{revoked, consent}, "refresh-2", []string{"refresh-1", "refresh-2"}, "refresh-2", true},
		{"503", []error{errors.New("HTTP 503")}, "", []string{"refresh-1"}, "refresh-1", false},
		{"503, rotated elsewhere", []error{errors.New("HTTP 503")}, "refresh-2", []string{"refresh-1"}, "refresh-2", false},
		{"timeout", []error{context.DeadlineExceeded}, "", []string{"refresh-1"}, "refresh-1", false},
		{"no network", []error{errors.New("no route to host")}, "", []string{"refresh-1"}, "refresh-1", false},
	} {
		for _, keyring := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, keyring %t", row.name, keyring), func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				b.Background = nil
				if !keyring {
					b.Keyring = nil
				}
				b.store(t, grant(t, "alice", "refresh-1", time.Minute))
				var asked []string
				b.idp.renew = func(g identity.Grant) (identity.Grant, error) {
					asked = append(asked, g.Refresh.Reveal())
					if row.elsewhere != "" && len(asked) == 1 {
						b.store(t, grant(t, "alice", row.elsewhere, time.Minute))
					}
					if err := row.answers[len(asked)-1]; err != nil {
						return identity.Grant{}, err
					}
					return grant(t, "alice", "refresh-new", time.Hour), nil
				}
				_, err := b.another().Credential(t.Context())
				if wantErr := row.answers[len(row.answers)-1]; !errors.Is(err, wantErr) || errors.Is(err, ErrSignInNeeded) != row.needed {
					t.Errorf("Credential: %v, want %v, sign-in needed: %t", err, wantErr, row.needed)
				}
				if !slices.Equal(asked, row.asked) {
					t.Errorf("renewed with %v, want %v", asked, row.asked)
				}
				if got := b.another().Grant(t.Context()).Refresh.Reveal(); got != row.stored {
					t.Errorf("stored is %q, want %q", got, row.stored)
				}
			})
		}
	}
}

// Each row has a failure of a renewal, whether daypass login then opens the browser, and what it returns.
func TestEnsureSignedIn(t *testing.T) {
	t.Parallel()
	refused := func(needed bool) error {
		return fmt.Errorf("renewing: %w", &identity.RefusedError{SignInNeeded: needed, Err: errors.New("HTTP 400")})
	}
	for _, row := range []struct {
		name    string
		err     error
		signsIn bool
	}{
		{"renewed", nil, false},
		{"interaction_required", refused(true), true},
		{"HTTP 404", refused(false), true},
		{"invalid_grant", identity.ErrGrantRevoked, true},
		{"no ID token", identity.ErrNoIDToken, true},
		{"HTTP 503", errors.New("HTTP 503"), false},
		{"no network", context.DeadlineExceeded, false},
	} {
		for _, stale := range []bool{false, true} { // a cached credential that still works
			b := newBench(t)
			b.Background = nil
			b.store(t, grant(t, "alice", "refresh-1", time.Minute))
			if stale {
				_, generation := b.another().storedGrant(t.Context())
				b.cache(t.Context(), issued("ASIAstale", noon.Add(-50*time.Minute), time.Hour), generation)
			}
			b.idp.renew = func(identity.Grant) (identity.Grant, error) {
				if row.err != nil {
					return identity.Grant{}, row.err
				}
				return grant(t, "alice", "refresh-2", time.Hour), nil
			}
			want, warnings := "ASIA1", 0
			switch {
			case row.err == nil || row.signsIn:
			case stale:
				want, warnings = "ASIAstale", 1
			default:
				want = ""
			}
			c, asked, err := b.another().EnsureSignedIn(t.Context(), func() error { return nil })
			if c.AccessKeyID != want || (err == nil) != (want != "") || asked != row.signsIn || b.idp.signIns > 0 != row.signsIn {
				t.Errorf("%s, a stale credential %t: %q, asked %t, %v; want %q, asked %t", row.name, stale, c.AccessKeyID, asked, err, want, row.signsIn)
			}
			if len(b.warnings) != warnings {
				t.Errorf("%s, a stale credential %t: warnings %v, want %d", row.name, stale, b.warnings, warnings)
			}
		}
	}
}

// A login whose last renewal returned no ID token counts as one that cannot renew, even after a new sign-in, until a
// renewal returns one.
func TestRenewalWithoutIDToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Background = nil
	wantRenews := func(when string, want bool) {
		t.Helper()
		if stored := b.another().Stored(t.Context()); stored.Renews() != want || stored.Grant.Renews() != want || !stored.SignedIn() {
			t.Errorf("%s: renews %t, the grant %t, signed in %t; want %t, %t, true", when, stored.Renews(), stored.Grant.Renews(), stored.SignedIn(), want, want)
		}
	}
	b.idp.signIn = grant(t, "alice", "refresh-1", time.Minute)
	if _, err := b.another().SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantRenews("after a sign-in", true)
	answer, answerErr := identity.Grant{Refresh: secret.New("refresh-2"), RefreshWithoutScope: true}, identity.ErrNoIDToken
	b.idp.renew = func(g identity.Grant) (identity.Grant, error) { return answer, answerErr }
	delete(b.memory.values, b.CredentialKey)
	if _, err := b.another().Credential(t.Context()); !errors.Is(err, ErrSignInNeeded) {
		t.Errorf("Credential: %v, want ErrSignInNeeded", err)
	}
	wantRenews("after a renewal without ID token", false)
	if !b.another().Grant(t.Context()).RefreshWithoutScope {
		t.Error("it is no longer stored that the IdP refuses scope")
	}
	if _, err := b.another().SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantRenews("after another sign-in", false)
	answer, answerErr = grant(t, "alice", "refresh-3", time.Hour), nil
	delete(b.memory.values, b.CredentialKey)
	if _, err := b.another().Credential(t.Context()); err != nil {
		t.Error(err)
	}
	wantRenews("after a renewal with one", true)
}

// All properties of a grant are stored and read again, in either store.
func TestGrantRoundTrip(t *testing.T) {
	t.Parallel()
	for _, keyring := range []bool{true, false} {
		b := newBench(t)
		if !keyring {
			b.Keyring = nil
		}
		want := grant(t, "alice", "refresh-1", time.Hour)
		want.Scopes, want.RefreshWithoutScope = []string{"openid", "email"}, true
		b.store(t, want)
		got := b.another().Grant(t.Context())
		if !slices.Equal(got.Scopes, want.Scopes) || !got.RefreshWithoutScope || got.NoIDTokenOnRefresh {
			t.Errorf("keyring %t: %+v", keyring, got)
		}
	}
}

// If a third token is stored while the second is refused, only the second is deleted.
func TestOnlyTheRefusedTokenIsDeleted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Background = nil
	b.store(t, grant(t, "alice", "refresh-1", time.Minute))
	b.idp.renew = func(identity.Grant) (identity.Grant, error) {
		b.store(t, grant(t, "alice", fmt.Sprintf("refresh-%d", b.idp.renewed+1), time.Minute))
		return identity.Grant{}, identity.ErrGrantRevoked
	}
	if _, err := b.another().Credential(t.Context()); !errors.Is(err, ErrSignInNeeded) || b.idp.renewed != 2 {
		t.Errorf("%v after %d renewals; want ErrSignInNeeded after 2", err, b.idp.renewed)
	}
	if got := b.another().Grant(t.Context()).Refresh.Reveal(); got != "refresh-3" {
		t.Errorf("stored is %q, want refresh-3", got)
	}
}

// If AWS calls the renewed token expired too, there is no second renewal.
func TestTokenRejectedTwice(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.store(t, grant(t, "alice", "refresh-1", time.Hour))
	b.idp.renew = func(identity.Grant) (identity.Grant, error) { return grant(t, "alice", "refresh-2", time.Hour), nil }
	b.aws.errs = []error{identity.ErrTokenRejected, identity.ErrTokenRejected}
	if _, err := b.another().Credential(t.Context()); !errors.Is(err, identity.ErrTokenRejected) {
		t.Errorf("Credential: %v, want AWS's refusal", err)
	}
	if b.aws.exchanges != 2 || b.idp.renewed != 1 || b.idp.signIns != 0 {
		t.Errorf("exchanges %d, renewals %d, sign-ins %d; want 2, 1, 0", b.aws.exchanges, b.idp.renewed, b.idp.signIns)
	}
}

// When a cached credential is returned, renewed or ignored: with a sign-in that renews silently, with one that
// cannot, and without one.
func TestFreshness(t *testing.T) {
	t.Parallel()
	const sec = time.Second
	for _, row := range []struct {
		life, left time.Duration
		state      string // fresh, stale or expired
	}{
		{time.Hour, 16*time.Minute + sec, "fresh"}, {time.Hour, 16 * time.Minute, "stale"},
		{time.Hour, time.Minute, "stale"}, {time.Hour, time.Minute - sec, "expired"}, {time.Hour, -sec, "expired"},
		{15 * time.Minute, 5*time.Minute + sec, "fresh"}, {15 * time.Minute, 5 * time.Minute, "stale"},
		{2 * time.Minute, 41 * sec, "fresh"}, {2 * time.Minute, 40 * sec, "stale"},
		{2 * time.Minute, 12 * sec, "stale"}, {2 * time.Minute, 11 * sec, "expired"},
		{12 * time.Hour, 16 * time.Minute, "stale"}, {12 * time.Hour, time.Minute - sec, "expired"},
	} {
		for _, signIn := range []string{"silent", "IdP down", "none"} {
			b := newBench(t)
			b.Background = nil
			if signIn != "none" {
				b.store(t, grant(t, "alice", "refresh-1", time.Minute))
			}
			b.idp.renew = func(identity.Grant) (identity.Grant, error) {
				if signIn == "IdP down" {
					return identity.Grant{}, errors.New("HTTP 503")
				}
				return grant(t, "alice", "refresh-2", time.Hour), nil
			}
			other := b.another()
			_, generation := other.storedGrant(t.Context())
			b.cache(t.Context(), issued("ASIAcached", noon.Add(row.left-row.life), row.life), generation)
			want := "ASIAcached"
			if row.state != "fresh" && signIn == "silent" {
				want = "ASIA1"
			} else if row.state == "expired" {
				want = ""
			}
			c, err := b.another().Credential(t.Context())
			if c.AccessKeyID != want || (err == nil) != (want != "") {
				t.Errorf("%v left of %v (%s), sign-in %s: %q, %v; want %q", row.left, row.life, row.state, signIn, c.AccessKeyID, err, want)
			}
			if row.state == "fresh" && b.locks+b.idp.renewed != 0 {
				t.Errorf("%v left of %v: the IdP was asked although the credential is fresh", row.left, row.life)
			}
		}
	}
}

// The ID token's expiry is by the IdP's clock; the stores use ours.
func TestIDTokenExpiresByIdPClock(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		ahead, left time.Duration // the IdP's clock is ahead by; the token is valid for, by that clock
		renewed     int
	}{
		{2 * time.Hour, 2 * time.Minute, 0}, {2 * time.Hour, 2*time.Minute - time.Second, 1},
		{-2 * time.Hour, 2 * time.Minute, 0}, {-2 * time.Hour, 2*time.Minute - time.Second, 1},
	} {
		b := newBench(t)
		g := grant(t, "alice", "refresh-1", row.ahead+row.left)
		g.ClockOffset = row.ahead
		b.store(t, g)
		if got, want := b.memory.until[loginKey], noon.Add(row.left); !got.Equal(want) {
			t.Errorf("IdP %v ahead: memory holds the token until %v, want %v", row.ahead, got, want)
		}
		b.idp.renew = func(identity.Grant) (identity.Grant, error) { return grant(t, "alice", "refresh-2", time.Hour), nil }
		b.want(t, "ASIA1", 0, row.renewed, 1)
	}
}

// When another person signs in to a login of several profiles, no profile gets anything of the first person.
func TestAnotherPersonSeveralProfiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	profiles := []string{"login/x/credential/one", "login/x/credential/two", "login/x/credential/three"}
	of := func(key string) *process {
		other := b.another()
		other.CredentialKey = key
		return other
	}
	for _, key := range profiles {
		if _, err := of(key).Credential(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if b.idp.signIns != 1 || b.aws.exchanges != 3 {
		t.Errorf("%d sign-ins and %d exchanges for three profiles; want 1 and 3", b.idp.signIns, b.aws.exchanges)
	}
	b.memory.values["login/y/credential/one"] = []byte("another login's")
	b.idp.signIn = grant(t, "bob", "refresh-bob", time.Hour)
	if _, err := of(profiles[1]).SignIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, key := range profiles {
		if c, err := of(key).Credential(t.Context()); err != nil || slices.Contains([]string{"ASIA1", "ASIA2", "ASIA3"}, c.AccessKeyID) {
			t.Errorf("%s: %q, %v; want a credential of bob's", key, c.AccessKeyID, err)
		}
	}
	if got := b.aws.subjects[3:]; !slices.Equal(got, []string{"bob", "bob", "bob"}) {
		t.Errorf("exchanged for %v, want bob three times", got)
	}
	if b.memory.values["login/y/credential/one"] == nil {
		t.Error("another login was deleted too")
	}
}
