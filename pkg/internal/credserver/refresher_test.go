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

// newKept is a keeper in a bubble's time, which says what it heard.
func newKept(t *testing.T, source sourceFunc, keeps bool) (*refresher, *heard) {
	t.Helper()
	told := &heard{}
	return newRefresher(&Server{Source: source, SourceCaches: keeps, Explain: explain, Now: time.Now, Notify: told.notify}), told
}

// No request in ten lives of a credential finds a stale one, and none has to wait.
func TestRenewsInBackground(t *testing.T) {
	t.Parallel()
	for _, life := range []time.Duration{3 * time.Second, 15 * time.Minute, time.Hour, 12 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			var asked atomic.Int32
			k, _ := newKept(t, func(context.Context) (credential.Credential, error) {
				asked.Add(1)
				return lasting(time.Now(), life), nil
			}, false)
			stop := k.renewInBackground()
			defer stop(t.Context())
			synctest.Wait()
			for range 97 {
				time.Sleep(life / 9)
				synctest.Wait()
				k.mu.Lock()
				c := k.cached
				k.mu.Unlock()
				if !c.Fresh(time.Now()) {
					t.Fatalf("life %v: %v are left in a request's way", life, time.Until(c.Expiration))
				}
			}
			if n := asked.Load(); n < 10 || n > 40 {
				t.Errorf("life %v: asked %d times in eleven lives, want one or two a life", life, n)
			}
		})
	}
}

// A crowd that finds nothing is one question.
func TestSingleFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked, running atomic.Int32
		k, _ := newKept(t, func(context.Context) (credential.Credential, error) {
			asked.Add(1)
			if running.Add(1) > 1 {
				t.Error("asked by two at once")
			}
			defer running.Add(-1)
			time.Sleep(time.Second)
			return lasting(time.Now(), time.Hour), nil
		}, true)
		errs := make(chan error)
		for range 100 {
			go func() {
				_, err := k.credential(t.Context())
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

// botocore waits 2 s for an answer: whoever would have to wait longer is told to come again, or is given
// what still works.
func TestPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k, _ := newKept(t, func(ctx context.Context) (credential.Credential, error) {
			<-ctx.Done()
			return credential.Credential{}, ctx.Err()
		}, false)
		begin := time.Now()
		if _, err := k.credential(t.Context()); !errors.Is(err, errRenewing) || time.Since(begin) > 2*time.Second {
			t.Errorf("after %v: %v, want errRenewing within 2 s", time.Since(begin), err)
		}
		k.cached = lasting(time.Now().Add(-50*time.Minute), time.Hour)
		if c, err := k.credential(t.Context()); err != nil || c.IsZero() {
			t.Errorf("a stale credential that works: %v, want it given", err)
		}
		k.cancel()
	})
}

// Whoever signs out is obeyed where the source keeps credentials; where it keeps none, what is held works
// until it expires.
func TestSignedOut(t *testing.T) {
	t.Parallel()
	for _, keeps := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			out := false
			k, told := newKept(t, func(context.Context) (credential.Credential, error) {
				if out {
					return credential.Credential{}, errSignIn
				}
				return lasting(time.Now(), time.Hour), nil
			}, keeps)
			if _, err := k.credential(t.Context()); err != nil {
				t.Fatal(err)
			}
			out = true
			time.Sleep(recheckAfter)
			if _, err := k.credential(t.Context()); (err != nil) != keeps {
				t.Errorf("source keeps %t: a second later %v", keeps, err)
			}
			time.Sleep(50 * time.Minute)
			if _, err := k.credential(t.Context()); (err != nil) != keeps {
				t.Errorf("source keeps %t: stale, and %v", keeps, err)
			}
			time.Sleep(10 * time.Minute)
			if _, err := k.credential(t.Context()); !errors.Is(err, errSignIn) {
				t.Errorf("source keeps %t: expired, and %v, want %v", keeps, err, errSignIn)
			}
			out = false
			time.Sleep(retryAfter)
			if _, err := k.credential(t.Context()); err != nil {
				t.Errorf("source keeps %t: signed in again, and %v", keeps, err)
			}
			synctest.Wait()
			told.wantKinds(t, "renewed", "failed", "again")
		})
	}
}

// wantKinds wants these events and no others.
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
		t.Errorf("told %v, want %v", got, want)
	}
}

// A failure is told once however long it lasts; what still works is given meanwhile, and the source is not
// asked at every request.
func TestFailureIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		var down atomic.Bool
		kept := lasting(time.Now(), time.Hour)
		k, told := newKept(t, func(context.Context) (credential.Credential, error) {
			asked.Add(1)
			if down.Load() {
				return credential.Credential{}, errors.New("no network")
			}
			return kept, nil
		}, true)
		stop := k.renewInBackground()
		synctest.Wait()
		down.Store(true)
		asked.Store(0)
		for range 1000 {
			if _, err := k.credential(t.Context()); err != nil {
				t.Fatalf("%v, want what is held", err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		if asked.Load() > 10 {
			t.Errorf("asked %d times within 10 s, want once a second at most", asked.Load())
		}
		down.Store(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		told.wantKinds(t, "renewed", "failed", "again")
		stop(t.Context())
	})
}
