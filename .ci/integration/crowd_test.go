//go:build integration

package integration

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/sandbox"
)

// Ten at once with nothing kept are one sign-in and one request to the token endpoint. No other test
// runs beside this one, for it counts what dex was asked.
func TestTenAtOnceSignInOnce(t *testing.T) {
	m := newMachine(t, "alice", parts.dex)
	before := parts.dex.witness.seen()
	m.crowd(10)
	m.wantVisits(1)
	if got := parts.dex.witness.seen() - before; got != 1 {
		t.Errorf("%d requests to the token endpoint, want 1", got)
	}
}

const (
	crowdSize   = 100
	crowdRounds = 10
)

// slowIdP is how long the IdP takes for each answer: all of the crowd are there before the first has its token.
const slowIdP = time.Second

// A hundred at once with nothing kept are one tab, one token request, one exchange.
func TestHundredAtOnceSignInOnce(t *testing.T) {
	t.Parallel()
	c := newCloud(t, sandbox.Options{})
	c.IdP.Set(func(k *sandbox.Knobs) { k.Delay = slowIdP })
	for round := range crowdRounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			m, before := newMachineAt(t, c), askedOf(c)
			m.crowd(crowdSize)
			m.wantVisits(1)
			wantAsked(t, c, before, asked{Pages: 1, Codes: 1, Exchanges: 1})
		})
	}
}

// A hundred at once whose credential has expired are one renewal. The refresh token is good for one use, and
// a second one ends the sign-in.
func TestHundredAtOnceRenewOnce(t *testing.T) {
	t.Parallel()
	const life = 2 * time.Second
	// An ID token with less than two minutes left is not used again.
	c := newCloud(t, sandbox.Options{TokenLife: time.Minute})
	for round := range crowdRounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			m := newMachineAt(t, c)
			c.STS.SessionLife = life // no request is under way
			m.daypass("login")
			<-time.After(life + time.Second)
			c.STS.SessionLife = time.Hour
			c.IdP.Set(func(k *sandbox.Knobs) { k.Delay = slowIdP })
			defer c.IdP.Set(func(k *sandbox.Knobs) { k.Delay = 0 })
			before := askedOf(c)
			m.crowd(crowdSize)
			m.wantVisits(1)
			wantAsked(t, c, before, asked{Renewals: 1, Exchanges: 1})
		})
	}
}

// crowd asks for credentials that many times at once, and wants the same for all.
func (m *machine) crowd(size int) {
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
