package agent

import (
	"errors"
	"os"
	"testing"
	"time"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	until := time.Now().Add(time.Hour)
	steps := []struct {
		key    string
		until  time.Time
		values int
		want   time.Time
	}{
		{"", time.Time{}, 0, time.Time{}},
		{"a", until, 1, until},
		{"b", until.Add(-time.Minute), 2, until},
		{"c", time.Time{}, 3, time.Time{}},
	}
	for _, step := range steps {
		if step.key != "" {
			if err := r.client.Put(t.Context(), step.key, []byte("v"), step.until); err != nil {
				t.Fatal(err)
			}
		}
		got, err := r.client.Status(t.Context())
		if err != nil || got.PID != os.Getpid() || got.Values != step.values || got.Until.Sub(step.want).Abs() > time.Second {
			t.Errorf("after putting %q: %+v, %v; want %d values until %v", step.key, got, err, step.values, step.want)
		}
		if age := time.Since(got.Since); age < 0 || age > limit {
			t.Errorf("it says that it runs for %v", age)
		}
	}
}

// Stopping tells what was kept; afterwards there is no agent, and that is no failure.
func TestStop(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	if err := r.client.Put(t.Context(), "k", []byte("v"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	if got, err := r.client.Stop(t.Context()); got.Values != 1 || err != nil {
		t.Errorf("Stop = %+v, %v; want one value", got, err)
	}
	r.want(t, "k", "")
	r.awaitEnd(t)
	if _, err := r.client.Status(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Status afterwards: %v, want %v", err, ErrNotRunning)
	}
	if _, err := r.client.Stop(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Stop afterwards: %v, want %v", err, ErrNotRunning)
	}
}

// One that stays has nothing to keep for as long as it takes.
func TestStays(t *testing.T) {
	t.Parallel()
	v, c := testVault()
	c.pass(1000 * time.Hour)
	if v.endIfIdle(forever) {
		t.Error("it ended for want of something to keep")
	}
}
