package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func older(s *server) { s.revision = revision - 1 }

// A newer agent takes the place of an older one, and nothing is lost or lives longer.
func TestNewerTakesOver(t *testing.T) {
	t.Parallel()
	old := start(t, older)
	values := map[string][]byte{"a": []byte("1"), "a/b": {}, "big": bytes.Repeat([]byte("x"), maxValue)}
	until := time.Now().Add(time.Hour).Truncate(time.Millisecond)
	for key, value := range values {
		if err := old.client.Put(t.Context(), key, value, until); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.client.Put(t.Context(), "ever", []byte("e"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	s := newServer(old.dir)
	next := serve(t, s)
	old.awaitEnd(t)
	for key, value := range values {
		next.want(t, key, string(value))
		if got := s.vault.entries[key].until; got.After(until) || until.Sub(got) > time.Minute {
			t.Errorf("%s is kept until %v now, was %v", key, got, until)
		}
	}
	next.want(t, "ever", "e")
	if !s.vault.entries["ever"].until.IsZero() {
		t.Error("what had no end has one now")
	}
}

func TestOlderYields(t *testing.T) {
	t.Parallel()
	r := start(t, func(s *server) { s.revision = revision + 1 })
	if err := newServer(r.dir).serve(t.Context()); !errors.Is(err, ErrRunning) {
		t.Errorf("beside a newer agent: %v, want %v", err, ErrRunning)
	}
	for _, claim := range [][]byte{nil, {revision}, {revision + 1}, {9, 9}} {
		answer, err := r.client.ask(t.Context(), frame{op: opHandOver, value: claim})
		if err != nil || answer.op != opRefused {
			t.Errorf("asked to hand over to revision %v: %#x (%v), want %#x", claim, answer.op, err, opRefused)
		}
	}
	if err := r.client.Put(t.Context(), "k", []byte("v"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	r.want(t, "k", "v")
}

// An agent from before revisions were told could not hand over: it stays.
func TestAgentWithoutRevisionStays(t *testing.T) {
	t.Parallel()
	if (frame{op: opDone}).outdated(revision) || !(frame{op: opDone, value: []byte{1}}).outdated(revision) {
		t.Error("an answer without a revision is outdated, or one with a lower revision is not")
	}
}

// Whoever wants to take over and goes away leaves the agent as it was.
func TestHandoverBreaks(t *testing.T) {
	t.Parallel()
	r := start(t, older)
	if err := r.client.Put(t.Context(), "k", []byte("v"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		conn, err := newServer(r.dir).takeOver(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r.want(t, "k", "v")
		conn.Close()
		if err := r.client.Put(t.Context(), "k2", []byte("v2"), time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := newServer(r.dir).takeOver(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := writeFrame(conn, frame{op: opPing}); err != nil { // it is to say no more
		t.Fatal(err)
	}
	if err := r.client.Delete(t.Context(), "k2"); err != nil {
		t.Fatal(err)
	}
	r.want(t, "k", "v")
	r.want(t, "k2", "")
}

// What changes something while another takes over is done there, and was not acknowledged before.
func TestChangesFollow(t *testing.T) {
	t.Parallel()
	for round := range 20 {
		old := start(t, older)
		s := newServer(old.dir)
		if err := old.client.Put(t.Context(), "gone", []byte("v"), time.Time{}); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 2)
		go func() { done <- old.client.Put(context.Background(), "k", []byte("v"), time.Time{}) }()
		go func() { done <- old.client.Delete(context.Background(), "gone") }()
		next := serve(t, s)
		for range 2 {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		old.awaitEnd(t)
		next.want(t, "k", "v")
		next.want(t, "gone", "")
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
}

// While the values are taken over, what would change them waits; then it is refused or done.
func TestFrozenVault(t *testing.T) {
	t.Parallel()
	for _, taken := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			v, _ := testVault()
			put(t, v, "k", "v", time.Time{})
			if keys, err := v.freeze(); fmt.Sprint(keys) != "[k]" || err != nil {
				t.Fatalf("freeze() = %v, %v", keys, err)
			}
			if _, err := v.freeze(); err == nil {
				t.Error("two take over at once")
			}
			done := make(chan error, 2)
			go func() { done <- v.put("new", []byte("v"), time.Time{}) }()
			go func() { done <- v.delete("k") }()
			synctest.Wait()
			if len(done) > 0 || v.get("k") == nil {
				t.Error("something was changed while the values were taken over")
			}
			v.thaw(taken)
			for range 2 {
				if err := <-done; errors.Is(err, errEnded) != taken {
					t.Errorf("afterwards, taken %v: %v", taken, err)
				}
			}
			if got := v.get("new") != nil; got == taken {
				t.Errorf("taken %v, and the new value is there: %v", taken, got)
			}
		})
	}
}
