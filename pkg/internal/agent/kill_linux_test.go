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

// started starts the test binary as another process.
func started(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.SysProcAttr = process.Detached()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// lifetime returns how long done takes.
func lifetime(done func()) time.Duration {
	begin := time.Now()
	done()
	return time.Since(begin)
}

// killAt kills the process at a random moment of that span, and waits for it.
func killAt(cmd *exec.Cmd, span time.Duration) {
	timer := time.NewTimer(rand.N(span))
	defer timer.Stop()
	<-timer.C
	cmd.Process.Kill()
	cmd.Wait()
}

// wantWorking checks that Put and Get work and that one agent is left.
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
		t.Fatalf("Get from the remaining agent = %q, %v; want v", got, err)
	}
}

// A caller that is killed during a Put that starts an agent does not block later calls.
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

// An agent that is killed while it starts does not block later calls.
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

// Two processes start agents at once and one of them is killed: one agent remains, with every confirmed value.
func TestOneOfTwoKilled(t *testing.T) {
	t.Parallel()
	whole := processClient(t)
	span := lifetime(func() { started(t, agentPuts, whole.Dir, "k").Wait() })
	for range killings {
		c := processClient(t)
		victim, other := started(t, agentPuts, c.Dir, "victim"), started(t, agentPuts, c.Dir, "other")
		killAt(victim, span)
		if err := other.Wait(); err != nil {
			t.Fatalf("the other process failed: %v", err)
		}
		wanted := []string{"other"}
		if victim.ProcessState.Success() { // it ended before the kill
			wanted = append(wanted, "victim")
		}
		wantWorking(t, c)
		for _, key := range wanted {
			if got, err := c.Get(t.Context(), key); string(got) != "v" || err != nil {
				t.Errorf("Get(%q) = %q, %v; want the confirmed value", key, got, err)
			}
		}
		endAgents(c)
	}
}
