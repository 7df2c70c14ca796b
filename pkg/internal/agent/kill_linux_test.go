package agent

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/internal/process"
)

const killings = 20

// started is a process of the test binary.
func started(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.SysProcAttr = process.Attributes()
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
