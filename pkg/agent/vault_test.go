package agent

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"
)

// clock is a wall clock without a monotonic one.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func testVault() (*vault, *clock) {
	c := &clock{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	return newVault(c.now), c
}

func put(t *testing.T, v *vault, key, value string, until time.Time) {
	t.Helper()
	if err := v.put(key, []byte(value), until); err != nil {
		t.Fatalf("put(%q): %v", key, err)
	}
}

func TestVaultExpiry(t *testing.T) {
	t.Parallel()
	v, c := testVault()
	put(t, v, "minute", "m", c.at.Add(time.Minute))
	put(t, v, "ever", "e", time.Time{})
	put(t, v, "past", "p", c.at)
	if wait := v.sweep(time.Hour); wait != time.Minute {
		t.Errorf("the next expiry is in %v, want 1m", wait)
	}
	if got := v.get("past"); got != nil {
		t.Errorf("a value that had expired when it was put is kept: %q", got)
	}
	c.at = c.at.Add(time.Minute - 1)
	if got := v.get("minute"); string(got) != "m" {
		t.Errorf("before its expiry: %q, want m", got)
	}
	c.at = c.at.Add(1)
	if got := v.get("minute"); got != nil {
		t.Errorf("at its expiry: %q, want none", got)
	}
	if wait := v.sweep(time.Hour); wait != time.Hour || len(v.entries) != 1 {
		t.Errorf("after the sweep %d are kept, the next for %v; want 1, 1h", len(v.entries), wait)
	}
}

// A wall clock that is set back gives nothing a longer life: the monotonic one has run on.
func TestVaultExpiryByMonotonicClock(t *testing.T) {
	t.Parallel()
	start := time.Now()
	e := entry{until: start.Round(0).Add(time.Minute), kept: start}
	if e.expired(start.Add(time.Minute-time.Second)) || !e.expired(start.Add(time.Minute)) {
		t.Error("the entry does not expire after its minute")
	}
	e.until = start.Round(0).Add(time.Hour) // as if kept when the wall clock was 59 minutes behind
	e.kept = start.Add(-time.Hour)
	if !e.expired(start.Add(time.Hour)) {
		t.Error("the entry does not expire")
	}
}

func TestVaultForgetsATree(t *testing.T) {
	t.Parallel()
	v, _ := testVault()
	for _, key := range []string{"login", "login/role", "login/role/x", "login2", "other/login"} {
		put(t, v, key, "v", time.Time{})
	}
	v.delete("login")
	v.delete("never there")
	for key, want := range map[string]bool{"login": false, "login/role": false, "login/role/x": false, "login2": true, "other/login": true} {
		if got := v.get(key) != nil; got != want {
			t.Errorf("after delete(login), %s is there: %v, want %v", key, got, want)
		}
	}
}

// However a value goes, its bytes are zeroed.
func TestVaultZeroes(t *testing.T) {
	t.Parallel()
	ways := map[string]func(v *vault, c *clock){
		"deleted":     func(v *vault, _ *clock) { v.delete("k") },
		"replaced":    func(v *vault, _ *clock) { v.put("k", []byte("new"), time.Time{}) },
		"swept":       func(v *vault, c *clock) { c.at = c.at.Add(time.Hour); v.sweep(time.Hour) },
		"asked for":   func(v *vault, c *clock) { c.at = c.at.Add(time.Hour); v.get("k") },
		"put too old": func(v *vault, c *clock) { v.put("k", []byte("new"), c.at) },
		"ended":       func(v *vault, _ *clock) { v.end() },
	}
	for name, drop := range ways {
		v, c := testVault()
		value := []byte("secret")
		if err := v.put("k", value, c.at.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		drop(v, c)
		if !bytes.Equal(value, make([]byte, 6)) {
			t.Errorf("%s: %q is left in memory", name, value)
		}
	}
}

func TestVaultIsBounded(t *testing.T) {
	t.Parallel()
	v, _ := testVault()
	for i := range maxEntries {
		put(t, v, fmt.Sprint(i), "v", time.Time{})
	}
	if err := v.put("one more", []byte("v"), time.Time{}); !errors.Is(err, ErrRefused) {
		t.Errorf("one too many: %v, want %v", err, ErrRefused)
	}
	put(t, v, "0", "replaced", time.Time{})
}

func TestVaultEndsWhenIdle(t *testing.T) {
	t.Parallel()
	v, c := testVault()
	put(t, v, "k", "v", time.Time{})
	c.at = c.at.Add(time.Hour)
	if v.endIfIdle(time.Minute) {
		t.Fatal("ended with a value to keep")
	}
	v.delete("k")
	c.at = c.at.Add(time.Minute - 1)
	if v.endIfIdle(time.Minute) {
		t.Fatal("ended before its minute was over")
	}
	if err := v.touch(); err != nil {
		t.Fatal(err)
	}
	c.at = c.at.Add(time.Minute - 1)
	if v.endIfIdle(time.Minute) {
		t.Fatal("ended though it had told somebody that it lives")
	}
	c.at = c.at.Add(1)
	if !v.endIfIdle(time.Minute) {
		t.Fatal("did not end")
	}
	if err := v.put("k", []byte("v"), time.Time{}); !errors.Is(err, errEnded) {
		t.Errorf("put after the end: %v, want %v", err, errEnded)
	}
	if err := v.touch(); !errors.Is(err, errEnded) {
		t.Errorf("touch after the end: %v, want %v", err, errEnded)
	}
}
