//go:build integration

package integration

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/sandbox"
)

// Ten concurrent calls without a cached credential cause one sign-in and one token request. The test is not parallel,
// because it counts requests to dex.
func TestTenConcurrentCallsSignInOnce(t *testing.T) {
	m := newMachine(t, "alice", parts.dex)
	before := parts.dex.recorder.seen()
	m.concurrently(10)
	m.wantVisits(1)
	if got := parts.dex.recorder.seen() - before; got != 1 {
		t.Errorf("%d requests to the token endpoint, want 1", got)
	}
}

const (
	manyCalls = 100
	rounds    = 10
)

// slowIdP is how long the IdP takes for each answer: all calls have started before the first has its token.
const slowIdP = time.Second

// A hundred concurrent calls without a cached credential cause one tab, one token request and one exchange.
func TestHundredConcurrentCallsSignInOnce(t *testing.T) {
	t.Parallel()
	c := newCloud(t, sandbox.Options{})
	c.IdP.Set(func(k *sandbox.Knobs) { k.Delay = slowIdP })
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			m, before := newMachineAt(t, c), askedOf(c)
			m.concurrently(manyCalls)
			m.wantVisits(1)
			wantAsked(t, c, before, asked{Pages: 1, Codes: 1, Exchanges: 1})
		})
	}
}

// A hundred concurrent calls with an expired credential cause one renewal. The refresh token is single-use, and a
// second use ends the sign-in.
func TestHundredConcurrentCallsRenewOnce(t *testing.T) {
	t.Parallel()
	const life = 2 * time.Second
	// An ID token with less than two minutes left is not used again.
	c := newCloud(t, sandbox.Options{TokenLife: time.Minute})
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			m := newMachineAt(t, c)
			c.STS.SessionLife = life // no request is pending
			m.daypass("login")
			<-time.After(life + time.Second)
			c.STS.SessionLife = time.Hour
			c.IdP.Set(func(k *sandbox.Knobs) { k.Delay = slowIdP })
			defer c.IdP.Set(func(k *sandbox.Knobs) { k.Delay = 0 })
			before := askedOf(c)
			m.concurrently(manyCalls)
			m.wantVisits(1)
			wantAsked(t, c, before, asked{Renewals: 1, Exchanges: 1})
		})
	}
}

// concurrently asks for credentials that many times at once, and checks that all get the same.
func (m *machine) concurrently(size int) {
	m.t.Helper()
	results := make([]result, size)
	var group sync.WaitGroup
	for i := range results {
		group.Go(func() { results[i] = m.run("daypass", "credentials") })
	}
	group.Wait()
	failed := 0
	for i, r := range results {
		if !r.ok() {
			failed++
			m.t.Errorf("number %d: exit %d, %v\n%s", i, r.code, r.err, r.stderr)
			continue
		}
		if r.stdout != results[0].stdout {
			m.t.Errorf("number %d got another credential than number 0", i)
		}
	}
	if failed > 0 {
		m.t.Fatalf("%d of %d failed", failed, size)
	}
	m.readKeys(results[0].stdout)
}

func wantAsked(t *testing.T, c *sandbox.Sandbox, before, want asked) {
	t.Helper()
	now := askedOf(c)
	got := asked{now.Pages - before.Pages, now.Codes - before.Codes, now.Renewals - before.Renewals, now.Exchanges - before.Exchanges}
	if got != want {
		t.Errorf("the sandbox was asked for %+v, want %+v", got, want)
	}
}
