package credserver

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/daypass/daypass/pkg/credential"
)

// newTestRefresher returns a refresher and its events, for a synctest bubble.
func newTestRefresher(t *testing.T, source sourceFunc, caches bool) (*refresher, *heard) {
	t.Helper()
	events := &heard{}
	return newRefresher(&Server{Source: source, SourceCaches: caches, Explain: explain, Now: time.Now, Notify: events.notify}), events
}

// Over ten lifetimes of a credential, no request gets a stale one, and none has to wait.
func TestRenewsInBackground(t *testing.T) {
	t.Parallel()
	for _, life := range []time.Duration{3 * time.Second, 15 * time.Minute, time.Hour, 12 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			var asked atomic.Int32
			r, _ := newTestRefresher(t, func(context.Context) (credential.Credential, error) {
				asked.Add(1)
				return lasting(time.Now(), life), nil
			}, false)
			stop := r.renewInBackground()
			defer stop(t.Context())
			synctest.Wait()
			for range 97 {
				time.Sleep(life / 9)
				synctest.Wait()
				r.mu.Lock()
				c := r.cached
				r.mu.Unlock()
				if !c.Fresh(time.Now()) {
					t.Fatalf("life %v: a request got a credential with %v left", life, time.Until(c.Expiration))
				}
			}
			if n := asked.Load(); n < 10 || n > 40 {
				t.Errorf("life %v: asked %d times in eleven lifetimes, want one or two per lifetime", life, n)
			}
		})
	}
}

// Many concurrent requests without a cached credential cause one call of Source.
func TestSingleFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked, running atomic.Int32
		r, _ := newTestRefresher(t, func(context.Context) (credential.Credential, error) {
			asked.Add(1)
			if running.Add(1) > 1 {
				t.Error("two calls of Source at once")
			}
			defer running.Add(-1)
			time.Sleep(time.Second)
			return lasting(time.Now(), time.Hour), nil
		}, true)
		errs := make(chan error)
		for range 100 {
			go func() {
				_, err := r.credential(t.Context())
				errs <- err
			}()
		}
		for range 100 {
			if err := <-errs; err != nil {
				t.Errorf("a request failed: %v", err)
			}
		}
		if asked.Load() != 1 {
			t.Errorf("asked %d times, want once", asked.Load())
		}
	})
}

// botocore waits 2 s for an answer. A request that would take longer gets the cached credential as long as it works,
// or an error that asks for a retry.
func TestWaitLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, _ := newTestRefresher(t, func(ctx context.Context) (credential.Credential, error) {
			<-ctx.Done()
			return credential.Credential{}, ctx.Err()
		}, false)
		begin := time.Now()
		if _, err := r.credential(t.Context()); !errors.Is(err, errRenewing) || time.Since(begin) > 2*time.Second {
			t.Errorf("after %v: %v, want errRenewing within 2 s", time.Since(begin), err)
		}
		r.cached = lasting(time.Now().Add(-50*time.Minute), time.Hour)
		if c, err := r.credential(t.Context()); err != nil || c.IsZero() {
			t.Errorf("a stale credential that still works: %v, want it returned", err)
		}
		r.cancel()
	})
}

// After a sign-out no credential is returned if Source caches credentials. If it caches none, the server returns its
// own until that expires.
func TestSignedOut(t *testing.T) {
	t.Parallel()
	for _, caches := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			out := false
			r, events := newTestRefresher(t, func(context.Context) (credential.Credential, error) {
				if out {
					return credential.Credential{}, errSignIn
				}
				return lasting(time.Now(), time.Hour), nil
			}, caches)
			if _, err := r.credential(t.Context()); err != nil {
				t.Fatal(err)
			}
			out = true
			time.Sleep(recheckAfter)
			if _, err := r.credential(t.Context()); (err != nil) != caches {
				t.Errorf("SourceCaches %t: after a second %v", caches, err)
			}
			time.Sleep(50 * time.Minute)
			if _, err := r.credential(t.Context()); (err != nil) != caches {
				t.Errorf("SourceCaches %t: when stale %v", caches, err)
			}
			time.Sleep(10 * time.Minute)
			if _, err := r.credential(t.Context()); !errors.Is(err, errSignIn) {
				t.Errorf("SourceCaches %t: when expired %v, want %v", caches, err, errSignIn)
			}
			out = false
			time.Sleep(retryAfter)
			if _, err := r.credential(t.Context()); err != nil {
				t.Errorf("SourceCaches %t: after a new sign-in %v", caches, err)
			}
			synctest.Wait()
			events.wantKinds(t, "renewed", "failed", "again")
		})
	}
}

// wantKinds checks that exactly these events were sent.
func (h *heard) wantKinds(t *testing.T, want ...string) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	var got []string
	for _, e := range h.events {
		switch e := e.(type) {
		case Failed:
			got = append(got, "failed")
		case Renewed:
			got = append(got, map[bool]string{true: "again", false: "renewed"}[e.Again])
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}

// A failure is reported once, however long it lasts. Meanwhile the working credential is returned, and Source is not
// asked for every request.
func TestFailureIsReportedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		var down atomic.Bool
		cached := lasting(time.Now(), time.Hour)
		r, events := newTestRefresher(t, func(context.Context) (credential.Credential, error) {
			asked.Add(1)
			if down.Load() {
				return credential.Credential{}, errors.New("no network")
			}
			return cached, nil
		}, true)
		stop := r.renewInBackground()
		synctest.Wait()
		down.Store(true)
		asked.Store(0)
		for range 1000 {
			if _, err := r.credential(t.Context()); err != nil {
				t.Fatalf("%v, want the cached credential", err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		if asked.Load() > 10 {
			t.Errorf("asked %d times within 10 s, want once a second at most", asked.Load())
		}
		down.Store(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		events.wantKinds(t, "renewed", "failed", "again")
		stop(t.Context())
	})
}
