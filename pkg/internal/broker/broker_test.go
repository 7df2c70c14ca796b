package broker

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

func TestEmptyStoresSignInOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.want(t, "ASIA1", 1, 0, 1)
	b.want(t, "ASIA1", 1, 0, 1) // cached
	if b.locks != 2 {
		t.Errorf("took the lock %d times, want 2: one to read the cache and one to store; a fresh credential needs none", b.locks)
	}
}

func TestMayNotSignIn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Background = nil
	if _, err := b.Credential(t.Context()); !errors.Is(err, ErrSignInNeeded) {
		t.Errorf("got %v, want ErrSignInNeeded", err)
	}
	if b.idp.signIns != 0 {
		t.Error("the person was asked")
	}
}

func TestSignInFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.idp.signInErr = errors.New("closed the tab")
	if _, err := b.Credential(t.Context()); err == nil || !errors.Is(err, b.idp.signInErr) {
		t.Errorf("got %v, want the cause", err)
	}
	if b.aws.exchanges != 0 || len(b.memory.values)+len(b.keyring.values) != 0 {
		t.Error("something was exchanged or stored")
	}
}

// Settle is called once with the result of the exchange, and only if there is a grant.
func TestSettle(t *testing.T) {
	t.Parallel()
	refused := errors.New("AccessDenied")
	for _, exchange := range []error{nil, refused} {
		b := newBench(t)
		b.aws.errs = []error{exchange}
		var told []error
		b.Settle = func(err error) { told = append(told, err) }
		_, _ = b.another().SignIn(t.Context()) // the same error
		if len(told) != 1 || !errors.Is(told[0], exchange) {
			t.Errorf("told %v, want %v once", told, exchange)
		}
		b.idp.signInErr = errors.New("closed the tab")
		if _, err := b.another().SignIn(t.Context()); err == nil || len(told) != 1 {
			t.Errorf("no grant: %v, told %v", err, told)
		}
	}
}

// If another process signs in while we wait for the lock, its credential is returned.
func TestOtherProcessSignedIn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Lock = func(ctx context.Context) (func(), error) {
		b.cache(ctx, issued("ASIAother", noon, time.Hour), 0)
		return func() {}, nil
	}
	b.want(t, "ASIAother", 0, 0, 0)
}

func TestLockFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Lock = func(context.Context) (func(), error) { return nil, context.DeadlineExceeded }
	if _, err := b.Credential(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the lock's error", err)
	}
	b.cache(t.Context(), issued("ASIAstale", noon.Add(-50*time.Minute), time.Hour), 0)
	b.want(t, "ASIAstale", 0, 0, 0)
}

// A stale credential is replaced with the ID token that is still valid, without a request to the IdP.
func TestStaleWithLiveToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.idp.signIn = grant(t, "alice", "", 8*time.Hour)
	b.want(t, "ASIA1", 1, 0, 1)
	b.now = noon.Add(45 * time.Minute)
	b.want(t, "ASIA2", 1, 0, 2)
}

func TestTokenReserve(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		left    time.Duration
		renewed int
	}{{2 * time.Minute, 0}, {2*time.Minute - time.Second, 1}, {-time.Second, 1}} {
		b := newBench(t)
		b.store(t, grant(t, "alice", "refresh-1", row.left))
		b.idp.renew = func(identity.Grant) (identity.Grant, error) {
			return grant(t, "alice", "refresh-2", time.Hour), nil
		}
		b.want(t, "ASIA1", 0, row.renewed, 1)
	}
}

// A stale credential that still works is returned when only a sign-in would help, or the IdP is down.
func TestStaleCredentialInsteadOfSignIn(t *testing.T) {
	t.Parallel()
	for name, renew := range map[string]func(identity.Grant) (identity.Grant, error){
		"revoked": func(identity.Grant) (identity.Grant, error) {
			return identity.Grant{}, fmt.Errorf("renewing: %w", identity.ErrGrantRevoked)
		},
		"IdP down": func(identity.Grant) (identity.Grant, error) { return identity.Grant{}, errors.New("HTTP 503") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.idp.renew = renew
			b.store(t, grant(t, "alice", "refresh-1", time.Minute))
			b.cache(t.Context(), issued("ASIAstale", noon.Add(-50*time.Minute), time.Hour), 0)
			b.want(t, "ASIAstale", 0, 1, 0)
			b.now = noon.Add(9*time.Minute + 30*time.Second) // 30 s left: it counts as expired
			if _, err := b.another().Credential(t.Context()); name == "IdP down" && err == nil {
				t.Error("an expired credential was returned")
			}
		})
	}
}

// If the IdP cannot be reached, no browser opens and the refresh token stays.
func TestTransientFailureKeepsToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	down := errors.New("HTTP 503")
	b.idp.renew = func(identity.Grant) (identity.Grant, error) { return identity.Grant{}, down }
	b.store(t, grant(t, "alice", "refresh-1", time.Minute))
	if _, err := b.Credential(t.Context()); !errors.Is(err, down) {
		t.Errorf("got %v, want the IdP's failure", err)
	}
	if b.idp.signIns != 0 || !b.keyring.holds("refresh-1") {
		t.Errorf("sign-ins %d, token stored %t; want 0, true", b.idp.signIns, b.keyring.holds("refresh-1"))
	}
}

// If the refresh token has been revoked, it is deleted and the person signs in once.
func TestRevokedTokenNeedsSignIn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.idp.renew = func(identity.Grant) (identity.Grant, error) { return identity.Grant{}, identity.ErrGrantRevoked }
	b.store(t, grant(t, "alice", "refresh-old", time.Minute))
	b.want(t, "ASIA1", 1, 1, 1)
	if b.keyring.holds("refresh-old") || !b.keyring.holds("refresh-1") {
		t.Error("the keyring does not hold the new refresh token alone")
	}
}

// If the refresh token is refused and the stores hold another one, that one is tried once and stays.
func TestRevokedButRotatedElsewhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.store(t, grant(t, "alice", "refresh-old", time.Minute))
	b.idp.renew = func(g identity.Grant) (identity.Grant, error) {
		if g.Refresh.Reveal() == "refresh-old" {
			b.store(t, grant(t, "alice", "refresh-rotated", time.Minute))
			return identity.Grant{}, identity.ErrGrantRevoked
		}
		return grant(t, "alice", "refresh-newest", time.Hour), nil
	}
	b.want(t, "ASIA1", 0, 2, 1)
	if !b.keyring.holds("refresh-newest") {
		t.Error("the newest refresh token is not stored")
	}
}

// The new refresh token is stored before the exchange, because rotation voids the old one.
func TestRefreshTokenStoredFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.store(t, grant(t, "alice", "refresh-1", time.Minute))
	b.idp.renew = func(identity.Grant) (identity.Grant, error) {
		return grant(t, "alice", "refresh-2", time.Hour), nil
	}
	b.aws.errs = []error{errors.New("AccessDenied")}
	if _, err := b.Credential(t.Context()); err == nil {
		t.Error("the exchange's error was lost")
	}
	if !b.keyring.holds("refresh-2") {
		t.Error("the rotated refresh token was lost with the failed exchange")
	}
	if b.idp.signIns != 0 {
		t.Error("a refusal by AWS opened a browser")
	}
}

// If AWS calls the token expired, there is one renewal and one retry.
func TestTokenRejected(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.store(t, grant(t, "alice", "refresh-1", time.Hour))
	b.idp.renew = func(identity.Grant) (identity.Grant, error) {
		return grant(t, "alice", "refresh-2", time.Hour), nil
	}
	b.aws.errs = []error{fmt.Errorf("assuming role: %w", identity.ErrTokenRejected)}
	b.want(t, "ASIA2", 0, 1, 2)
}

func TestCredentialLasting(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.store(t, grant(t, "alice", "", 12*time.Hour))
	b.cache(t.Context(), issued("ASIAcached", noon.Add(-35*time.Minute), time.Hour), 0) // fresh, 25 min left
	c, err := b.CredentialLasting(t.Context(), 20*time.Minute)
	if err != nil || c.AccessKeyID != "ASIAcached" {
		t.Errorf("with 20 min wanted: %v, %v; want the cached one", c.AccessKeyID, err)
	}
	c, err = b.CredentialLasting(t.Context(), 12*time.Hour)
	if err != nil || c.AccessKeyID != "ASIA1" {
		t.Errorf("with half its life wanted: %v, %v; want a new one", c.AccessKeyID, err)
	}
}

// If the IdP rotates the refresh token but the renewal fails, the new token is stored, because the old one may be void.
func TestRotatedTokenWithError(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		cause   error
		signIns int
	}{{errors.New("HTTP 502"), 0}, {identity.ErrNoIDToken, 1}} {
		b := newBench(t)
		if row.signIns == 0 {
			b.Background = nil
		}
		b.idp.signIn = grant(t, "alice", "refresh-3", time.Hour)
		b.store(t, grant(t, "alice", "refresh-1", time.Minute))
		b.idp.renew = func(identity.Grant) (identity.Grant, error) {
			return identity.Grant{Refresh: secret.New("refresh-2")}, row.cause
		}
		_, err := b.Credential(t.Context())
		if (err == nil) != (row.signIns == 1) || b.idp.signIns != row.signIns {
			t.Errorf("%v: error %v, sign-ins %d; want %d", row.cause, err, b.idp.signIns, row.signIns)
		}
		if b.keyring.holds("refresh-1") || row.signIns == 0 && !b.keyring.holds("refresh-2") {
			t.Errorf("%v: the keyring does not hold the rotated token alone", row.cause)
		}
	}
}

// A guest needs no sign-in and no token. SignIn (--again) makes it a new guest.
func TestGuest(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.guest, b.Background = true, nil
	b.want(t, "ASIA1", 0, 0, 1)
	b.want(t, "ASIA1", 0, 0, 1)
	b.keyring.values["login/x"] = []byte("us-east-1:guest")
	if c, err := b.another().SignIn(t.Context()); err != nil || c.AccessKeyID != "ASIA2" {
		t.Errorf("SignIn = %s, %v; want a new credential", c.AccessKeyID, err)
	}
	if b.keyring.holds("guest") {
		t.Error("the previous guest is still stored")
	}
	b.keyring.values["login/x"] = []byte("us-east-1:guest")
	if gone, err := b.another().guest.SignOut(t.Context()); err != nil || !gone.WasSignedIn || gone.RevokeErr != nil {
		t.Errorf("SignOut = %+v, %v", gone, err)
	}
	if len(b.keyring.values)+len(b.memory.values) != 0 {
		t.Error("something is still stored")
	}
}
