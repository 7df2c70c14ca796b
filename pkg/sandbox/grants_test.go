package sandbox

import "testing"

// Of two simultaneous requests with one refresh token, only one gets the next token (RFC 9700 §4.14.2).
func TestRefreshTokenIsTakenAtOnce(t *testing.T) {
	t.Parallel()
	var store grantStore
	f := &family{signIn: signIn{clientID: "app"}}
	token := store.rotate(f)
	if _, fault := store.renew(token, "app", false); fault != "" {
		t.Fatalf("first request: %s", fault)
	}
	if _, fault := store.renew(token, "app", false); fault == "" || !f.revoked {
		t.Errorf("second request: fault %q, revoked %t", fault, f.revoked)
	}
	if _, fault := store.renew(store.rotate(f), "app", false); fault == "" {
		t.Error("the first one's token is still valid after reuse")
	}
}

// A sign-in is live from its first refresh token to its revocation, however often it was refreshed.
func TestLiveGrants(t *testing.T) {
	t.Parallel()
	var p IdP
	wantLive := func(when string, want int) {
		t.Helper()
		if got := p.LiveGrants(); got != want {
			t.Errorf("%s: %d live grants, want %d", when, got, want)
		}
	}
	wantLive("at first", 0)
	one, other := &family{signIn: signIn{clientID: "app"}}, &family{signIn: signIn{clientID: "app"}}
	old := p.grants.rotate(one)
	p.grants.rotate(other)
	wantLive("after two sign-ins", 2)
	p.grants.rotate(one)
	wantLive("after a renewal", 2)
	p.grants.revoke(old, "app")
	wantLive("after a revocation", 1)
}
