package agent

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"
)

// testClock has both clocks of a vault.
type testClock struct {
	at  time.Time
	ran time.Duration
}

// pass advances both clocks.
func (c *testClock) pass(d time.Duration) { c.at, c.ran = c.at.Add(d), c.ran+d }

func testVault() (*vault, *testClock) {
	c := &testClock{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	return newVault(clock{func() time.Time { return c.at }, func() time.Duration { return c.ran }}), c
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
		t.Errorf("a value that had expired when it was put is stored: %q", got)
	}
	c.pass(time.Minute - 1)
	if got := v.get("minute"); string(got) != "m" {
		t.Errorf("before its expiry: %q, want m", got)
	}
	c.pass(1)
	if got := v.get("minute"); got != nil {
		t.Errorf("at its expiry: %q, want none", got)
	}
	if wait := v.sweep(time.Hour); wait != time.Hour || len(v.entries) != 1 {
		t.Errorf("after the sweep %d are left, the next for %v; want 1, 1h", len(v.entries), wait)
	}
}

// A value does not live longer when the wall clock is set back or the machine sleeps.
func TestVaultExpiryByBothClocks(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		wall, ran time.Duration
		left      time.Duration // of an hour
	}{
		"time passes":                 {10 * time.Minute, 10 * time.Minute, 50 * time.Minute},
		"set back":                    {10*time.Minute - 2*time.Hour, 10 * time.Minute, 50 * time.Minute},
		"set back, then over":         {-time.Hour, time.Hour, 0},
		"asleep":                      {10 * time.Minute, time.Minute, 50 * time.Minute},
		"asleep too long":             {time.Hour, time.Minute, 0},
		"set forward":                 {2 * time.Hour, time.Minute, 0},
		"set back, a nanosecond left": {-time.Hour, time.Hour - 1, 1},
	}
	for name, test := range tests {
		v, c := testVault()
		put(t, v, "k", "v", c.at.Add(time.Hour))
		put(t, v, "ever", "v", time.Time{})
		c.at, c.ran = c.at.Add(test.wall), c.ran+test.ran
		left := v.left(v.entries["k"])
		if value := v.get("k"); test.left == 0 && value != nil || test.left > 0 && (value == nil || left != test.left) {
			t.Errorf("%s: %q is left for %v, want %v", name, value, left, test.left)
		}
		if value := v.get("ever"); value == nil {
			t.Errorf("%s: the value without an expiry is gone", name)
		}
	}
}

func TestVaultDeletesATree(t *testing.T) {
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

// A value's bytes are zeroed, however it is removed. Until then they are in the arena.
func TestVaultZeroes(t *testing.T) {
	t.Parallel()
	ways := map[string]func(v *vault, c *testClock){
		"deleted":     func(v *vault, _ *testClock) { v.delete("k") },
		"replaced":    func(v *vault, _ *testClock) { v.put("k", []byte("new"), time.Time{}) },
		"swept":       func(v *vault, c *testClock) { c.pass(time.Hour); v.sweep(time.Hour) },
		"read":        func(v *vault, c *testClock) { c.pass(time.Hour); v.get("k") },
		"put too old": func(v *vault, c *testClock) { v.put("k", []byte("new"), c.at) },
		"ended":       func(v *vault, _ *testClock) { v.end() },
	}
	for name, drop := range ways {
		v, c := testVault()
		put(t, v, "k", "secret", c.at.Add(time.Minute))
		memory := v.arena.chunks[0].memory
		if !bytes.Contains(memory, []byte("secret")) {
			t.Fatalf("%s: the value is not in the arena", name)
		}
		drop(v, c)
		if bytes.Contains(memory, []byte("ecret")) {
			t.Errorf("%s: the value is left in memory", name)
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
	c.pass(time.Hour)
	if v.endIfIdle(time.Minute) {
		t.Fatal("ended with a value stored")
	}
	v.delete("k")
	c.pass(time.Minute - 1)
	if v.endIfIdle(time.Minute) {
		t.Fatal("ended before its minute was over")
	}
	if err := v.touch(); err != nil {
		t.Fatal(err)
	}
	c.pass(time.Minute - 1)
	if v.endIfIdle(time.Minute) {
		t.Fatal("ended right after a ping")
	}
	c.pass(1)
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
