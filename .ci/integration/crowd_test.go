//go:build integration

package integration

import (
	"sync"
	"testing"
)

// Ten at once with nothing kept are one sign-in and one request to the token endpoint. No other test
// runs beside this one, for it counts what dex was asked.
func TestTenAtOnceSignInOnce(t *testing.T) {
	m := newMachine(t, "alice", parts.dex)
	before := parts.dex.tokenRequests()
	var results [10]result
	var group sync.WaitGroup
	for i := range results {
		group.Go(func() { results[i] = m.run("daypass", "credentials") })
	}
	group.Wait()
	for i, r := range results {
		if !r.ok() {
			t.Fatalf("number %d: exit %d, %v\n%s", i, r.code, r.err, r.stderr)
		}
		if got, want := m.readKeys(r.stdout), m.readKeys(results[0].stdout); got != want {
			t.Errorf("number %d got %s, number 0 got %s: want the same", i, got.AccessKeyID, want.AccessKeyID)
		}
	}
	m.wantVisits(1)
	if got := parts.dex.tokenRequests() - before; got != 1 {
		t.Errorf("%d requests to the token endpoint, want 1", got)
	}
}
