package agent

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/apart"
)

const killings = 20

// started is a process of the test binary.
func started(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.SysProcAttr = apart.Attributes()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// lifetime is how long it takes a process to come to its end, or to whatever done waits for.
func lifetime(done func()) time.Duration {
	begin := time.Now()
	done()
	return time.Since(begin)
}

// killAt kills the process at some moment of that span, and reaps it.
func killAt(cmd *exec.Cmd, span time.Duration) {
	timer := time.NewTimer(rand.N(span))
	defer timer.Stop()
	<-timer.C
	cmd.Process.Kill()
	cmd.Wait()
}

// wantWorking puts and gets, and wants one agent in the end.
func wantWorking(t *testing.T, c *Client) {
	t.Helper()
	if err := c.Put(t.Context(), "next", []byte("v"), time.Time{}); err != nil {
		t.Fatalf("Put afterwards: %v", err)
	}
	if got, err := c.Get(t.Context(), "next"); string(got) != "v" || err != nil {
		t.Fatalf("Get afterwards = %q, %v; want v", got, err)
	}
	eventually(t, "one agent", func() bool { return len(agentsOf(c.Dir)) == 1 })
	if got, err := c.Get(t.Context(), "next"); string(got) != "v" || err != nil {
		t.Fatalf("Get from the one that is left = %q, %v; want v", got, err)
	}
}

// A caller that is killed while it puts, and so starts an agent, leaves nothing in the way.
func TestKilledCaller(t *testing.T) {
	t.Parallel()
	whole := processClient(t)
	span := lifetime(func() { started(t, agentPuts, whole.Dir, "k").Wait() })
	for range killings {
		c := processClient(t)
		killAt(started(t, agentPuts, c.Dir, "k"), span)
		wantWorking(t, c)
		endAgents(c)
	}
}

// An agent that is killed while it starts leaves nothing in the way.
func TestKilledStart(t *testing.T) {
	t.Parallel()
	whole := processClient(t)
	first := started(t, agentRuns, "--dir", whole.Dir)
	span := lifetime(func() {
		if err := awaitAnswer(t.Context(), whole.Dir, nil); err != nil {
			t.Fatal(err)
		}
	})
	first.Process.Kill()
	first.Wait()
	for range killings {
		c := processClient(t)
		killAt(started(t, agentRuns, "--dir", c.Dir), span)
		wantWorking(t, c)
		endAgents(c)
	}
}

const handedOver = 40

// When either agent is killed while one hands over to the other, what was kept is all there or all gone.
func TestKilledHandover(t *testing.T) {
	t.Parallel()
	var span time.Duration
	kept := map[string]int{}
	for round := range killings + 1 {
		c := processClient(t)
		old := filled(t, c)
		next := started(t, agentRuns, "--dir", c.Dir)
		switch victim := []string{"old", "new"}[round%2]; {
		case round == 0:
			span = lifetime(func() { old.Wait() })
		default:
			killAt(map[string]*exec.Cmd{"old": old, "new": next}[victim], span)
			wantWorking(t, c)
			kept[fmt.Sprint(victim, " killed, kept ", stillKept(t, c))]++
		}
		for _, agent := range []*exec.Cmd{old, next} {
			agent.Process.Kill()
			agent.Wait()
		}
		endAgents(c)
	}
	t.Log(kept)
}

// filled is an older agent with values to hand over.
func filled(t *testing.T, c *Client) *exec.Cmd {
	t.Helper()
	old := started(t, agentRunsOld, "--dir", c.Dir)
	if err := awaitAnswer(t.Context(), c.Dir, nil); err != nil {
		t.Fatal(err)
	}
	putter := &Client{Dir: c.Dir, Timeout: limit}
	for i := range handedOver {
		if err := putter.Put(t.Context(), fmt.Sprint(i), []byte(strings.Repeat("v", 4096)), time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	return old
}

// stillKept counts the values of filled, and wants all or none.
func stillKept(t *testing.T, c *Client) (n int) {
	t.Helper()
	for i := range handedOver {
		got, err := c.Get(t.Context(), fmt.Sprint(i))
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 4096 {
			n++
		}
	}
	if n > 0 && n < handedOver {
		t.Errorf("%d of %d values are kept, want all or none", n, handedOver)
	}
	return n
}

// Put has an older agent replaced, and all that it kept is there, in one process.
func TestPutReplacesAnOlderAgent(t *testing.T) {
	t.Parallel()
	c := processClient(t)
	old := filled(t, c)
	if err := c.Put(t.Context(), "k", []byte("v"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := old.Wait(); err != nil {
		t.Errorf("the old agent ended with %v", err)
	}
	wantWorking(t, c)
	if got := stillKept(t, c); got != handedOver {
		t.Errorf("%d values are kept, want %d", got, handedOver)
	}
	if got, err := c.Get(t.Context(), "k"); string(got) != "v" || err != nil {
		t.Errorf("Get = %q, %v; want v", got, err)
	}
}

// Two start agents at once, and one of the two is killed: one agent survives, with all that was
// acknowledged.
func TestKilledOfTwo(t *testing.T) {
	t.Parallel()
	whole := processClient(t)
	span := lifetime(func() { started(t, agentPuts, whole.Dir, "k").Wait() })
	for range killings {
		c := processClient(t)
		victim, other := started(t, agentPuts, c.Dir, "victim"), started(t, agentPuts, c.Dir, "other")
		killAt(victim, span)
		if err := other.Wait(); err != nil {
			t.Fatalf("the other one failed: %v", err)
		}
		wanted := []string{"other"}
		if victim.ProcessState.Success() { // it was done before it was to be killed
			wanted = append(wanted, "victim")
		}
		wantWorking(t, c)
		for _, key := range wanted {
			if got, err := c.Get(t.Context(), key); string(got) != "v" || err != nil {
				t.Errorf("Get(%q) = %q, %v; want what was acknowledged", key, got, err)
			}
		}
		endAgents(c)
	}
}
