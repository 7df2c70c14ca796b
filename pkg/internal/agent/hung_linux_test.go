package agent

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// stoppedAgent returns a client of an agent that holds "k" and has received SIGSTOP.
func stoppedAgent(t *testing.T) (*Client, int) {
	t.Helper()
	c := processClient(t)
	if err := launch(t.Context(), []string{os.Args[0], agentRunsFastTick}, c.Dir); err != nil {
		t.Fatal(err)
	}
	if err := (&Client{Dir: c.Dir, Timeout: limit}).Put(t.Context(), "k", []byte("old"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	pid, err := agentPID(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Kill(pid, unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the agent is stopped", func() bool { return isStopped(pid) })
	age := time.Now().Add(-time.Hour)
	if err := os.Chtimes(socketPath(c.Dir), age, age); err != nil { // a failure right after the socket was created is not remembered
		t.Fatal(err)
	}
	c.Timeout = 0
	return c, pid
}

// isStopped reports whether all threads are stopped, which takes a moment (proc(5), state T).
func isStopped(pid int) bool {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, file := range files {
		if text, _ := os.ReadFile(file); !strings.Contains(string(text), ") T ") {
			return false
		}
	}
	return len(files) > 0
}

// resume continues the agent, which finds its socket replaced and exits.
func resume(t *testing.T, c *Client, pid int) {
	t.Helper()
	if err := unix.Kill(pid, unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the exit of the agent that was stopped", func() bool {
		for _, running := range agentsOf(c.Dir) {
			if running == pid {
				return false
			}
		}
		return true
	})
}

// A hung agent costs a caller 250 ms once. The next Put replaces it within two seconds.
func TestHungAgentIsReplaced(t *testing.T) {
	t.Parallel()
	c, pid := stoppedAgent(t)
	before := time.Now()
	if _, err := c.Get(t.Context(), "k"); !errors.Is(err, ErrNoAnswer) {
		t.Fatalf("Get = %v, want %v", err, ErrNoAnswer)
	}
	first := time.Now()
	c.Timeout = limit // the failure is remembered; a busy machine must not look like a hung agent
	if err := c.Put(t.Context(), "k", []byte("new"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	t.Logf("Get took %v, Put %v", first.Sub(before), time.Since(first))
	if took := time.Since(first); took > callLimit+startLimit {
		t.Errorf("Put took %v, want at most %v", took, callLimit+startLimit)
	}
	if got, err := c.Get(t.Context(), "k"); string(got) != "new" || err != nil {
		t.Errorf("Get = %q, %v; want new", got, err)
	}
	resume(t, c, pid)
	if got, err := c.Get(t.Context(), "k"); string(got) != "new" || err != nil {
		t.Errorf("Get after the old one has exited = %q, %v; want new", got, err)
	}
}

// With the long timeout a hung agent is asked once more, for two seconds. That failure is remembered like any other.
func TestLongTimeout(t *testing.T) {
	t.Parallel()
	c, pid := stoppedAgent(t)
	wantSilence := func(least time.Duration) {
		t.Helper()
		before := time.Now()
		_, err := c.Get(t.Context(), "k")
		if took := time.Since(before); !errors.Is(err, ErrNoAnswer) || took < least {
			t.Errorf("Get = %v after %v, want %v after %v", err, took, ErrNoAnswer, least)
		}
		if c.remembered() == nil {
			t.Error("the failure is not remembered")
		}
	}
	wantSilence(callLimit)
	end := c.UseLongTimeout()
	if err := c.remembered(); err != nil {
		t.Errorf("with the long timeout the agent is not asked once more: %v", err)
	}
	wantSilence(startLimit)
	end()
	wantSilence(0)

	impatient := &Client{Dir: c.Dir}
	if _, err := impatient.Get(t.Context(), "k"); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("Get = %v, want %v", err, ErrNoAnswer)
	}
	defer impatient.UseLongTimeout()()
	if err := unix.Kill(pid, unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if _, err := impatient.Get(t.Context(), "k"); err != nil {
		t.Errorf("Get of an agent that runs again: %v", err)
	}
}

// Delete works with a hung agent too: it loses its socket, and exits when it runs again.
func TestHungAgentLosesItsValues(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]func(c *Client) error{
		"Delete": func(c *Client) error { return c.Delete(t.Context(), "other") },
		"Stop":   func(c *Client) error { _, err := c.Stop(t.Context()); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, pid := stoppedAgent(t)
			if err := forget(c); err != nil {
				t.Error(err)
			}
			c.Timeout = limit
			if got, err := c.Get(t.Context(), "k"); got != nil || err != nil {
				t.Errorf("Get = %q, %v; want none", got, err)
			}
			resume(t, c, pid)
		})
	}
}

// An agent that did not answer is asked once, and again after its socket was replaced.
func TestFailureIsRemembered(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	dir := shortDir(t)
	listener(t, dir, func(conn net.Conn) { asked.Add(1); conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) })
	age := time.Now().Add(-time.Hour)
	if err := os.Chtimes(socketPath(dir), age, age); err != nil {
		t.Fatal(err)
	}
	c := &Client{Dir: dir, Timeout: limit}
	for range 3 {
		if _, err := c.Get(t.Context(), "k"); !errors.Is(err, errGarbage) {
			t.Errorf("Get = %v, want %v", err, errGarbage)
		}
	}
	if got := asked.Load(); got != 1 {
		t.Errorf("it was asked %d times, want once", got)
	}
	r := serve(t, newServer(dir))
	if err := c.Put(t.Context(), "k", []byte("v"), time.Time{}); err != nil {
		t.Errorf("Put after an agent took its place: %v", err)
	}
	r.want(t, "k", "v")
}

// Put replaces every server that does not answer as an agent, except a newer agent.
func TestOtherServersAreReplaced(t *testing.T) {
	t.Parallel()
	for name, words := range map[string]string{
		"garbage": "HTTP/1.1 400 Bad Request\r\n\r\n", "an earlier version": "\xda\x00\x81aaaaaaaaaaaaaaaaaaaaa",
		"a later version": "\xda\x02\x81aaaaaaaaaaaaaaaaaaaaa",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := processClient(t)
			listener(t, c.Dir, func(conn net.Conn) { conn.Write([]byte(words)) })
			err := c.Put(t.Context(), "k", []byte("v"), time.Time{})
			if name == "a later version" {
				if !errors.Is(err, ErrNewer) || len(agentsOf(c.Dir)) > 0 {
					t.Errorf("Put = %v and agents %v, want %v and none", err, agentsOf(c.Dir), ErrNewer)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got, err := c.Get(t.Context(), "k"); string(got) != "v" || err != nil {
				t.Errorf("Get = %q, %v; want v", got, err)
			}
		})
	}
}

// An agent answers a client of another version with its own version, and nothing else.
func TestVersionMismatch(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	for _, other := range []byte{version - 1, version + 1} {
		conn, err := net.Dial("unix", socketPath(r.dir))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		request := encoded(t, frame{op: opPing})
		request[1] = other
		if _, err := conn.Write(request); err != nil {
			t.Fatal(err)
		}
		if answer, err := readFrame(conn); err != nil || answer.op != opRefused {
			t.Errorf("version %d is answered with %#x, %v; want %#x", other, answer.op, err, opRefused)
		}
	}
}
