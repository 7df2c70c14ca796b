package profile

import "testing"

// A guest of a pool has no login. A role has no guests.
func TestGuest(t *testing.T) {
	t.Parallel()
	const pool = "us-east-1:11111111-2222-3333-4444-555555555555"
	p := load(t, Source{Flags: map[string][]string{
		"identity_pool.id": {pool}, "identity_pool.guest": {"true"},
	}})
	if !p.IdentityPool.Guest || p.Login.Issuer != "" || p.Region != "us-east-1" {
		t.Errorf("guest %t, issuer %q, region %q", p.IdentityPool.Guest, p.Login.Issuer, p.Region)
	}
	got := refusal(t, Source{Flags: map[string][]string{
		"role.arn": {"arn:aws:iam::111122223333:role/R"}, "region": {"us-east-1"}, "identity_pool.guest": {"true"},
	}})
	if want := "--identity-pool-id: missing"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
