package agent

import (
	"errors"
	"os"
	"testing"
	"time"
)

// byKey is a KindOf for tests: the first letter of the key is the kind.
func byKey(key string, _ []byte) Kind {
	return map[byte]Kind{'s': KindSignIn, 'c': KindCredential}[key[0]]
}

// Status counts sign-ins and credentials, and no other values.
func TestStatus(t *testing.T) {
	t.Parallel()
	r := start(t, func(s *server) { s.vault.kindOf = byKey })
	until := time.Now().Add(time.Hour)
	steps := []struct {
		key                  string
		until                time.Time
		signIns, credentials int
		want                 time.Time
	}{
		{"", time.Time{}, 0, 0, time.Time{}},
		{"document", until.Add(time.Hour), 0, 0, time.Time{}},
		{"s", until, 1, 0, until},
		{"c1", until.Add(-time.Minute), 1, 1, until},
		{"c2", time.Time{}, 1, 2, time.Time{}},
	}
	for _, step := range steps {
		if step.key != "" {
			if err := r.client.Put(t.Context(), step.key, []byte("v"), step.until); err != nil {
				t.Fatal(err)
			}
		}
		got, err := r.client.Status(t.Context())
		if err != nil || got.PID != os.Getpid() || got.SignIns != step.signIns || got.Credentials != step.credentials ||
			got.Until.Sub(step.want).Abs() > time.Second {
			t.Errorf("after putting %q: %+v, %v; want %+v", step.key, got, err, step)
		}
		if age := time.Since(got.Since); age < 0 || age > limit {
			t.Errorf("it reports an age of %v", age)
		}
	}
	r.want(t, "document", "v")
}

// Stop returns the last status. Afterwards there is no agent.
func TestStop(t *testing.T) {
	t.Parallel()
	r := start(t, func(s *server) { s.vault.kindOf = byKey })
	if err := r.client.Put(t.Context(), "s", []byte("v"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	if got, err := r.client.Stop(t.Context()); got.SignIns != 1 || err != nil {
		t.Errorf("Stop = %+v, %v; want one sign-in", got, err)
	}
	r.want(t, "s", "")
	r.awaitEnd(t)
	if _, err := r.client.Status(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Status afterwards: %v, want %v", err, ErrNotRunning)
	}
	if _, err := r.client.Stop(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Stop afterwards: %v, want %v", err, ErrNotRunning)
	}
}

// An agent with stay does not exit when it is empty.
func TestStay(t *testing.T) {
	t.Parallel()
	v, c := testVault()
	c.pass(1000 * time.Hour)
	if v.endIfIdle(forever) {
		t.Error("it exited because it was empty")
	}
}
