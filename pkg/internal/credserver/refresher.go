package credserver

import (
	"context"
	"sync"
	"time"

	"github.com/daypass/daypass/pkg/credential"
)

// Every request is answered within botocore's timeout of 2 s, with a stale credential if necessary.
const (
	sourceTimeout = 50 * time.Second        // bounds a call of Source
	staleWait     = 1500 * time.Millisecond // how long a request waits if the cached credential is stale
	freshWait     = 100 * time.Millisecond  // how long it waits if that is fresh, in case Source has deleted it
	recheckAfter  = time.Second             // how often Source is asked whether it still has its credential
	retryAfter    = 2 * time.Second         // how often Source is asked after a failure, on request
	maxPause      = 30 * time.Second        // of the background loop: timers do not run while a machine sleeps
	minPause      = 10 * time.Millisecond   // of the background loop, for credentials with a very short life
)

// refresher caches the credential that the server returns. One goroutine at a time asks Source for the next.
type refresher struct {
	server *Server
	ctx    context.Context // of the calls of Source
	cancel context.CancelFunc

	mu       sync.Mutex
	cached   credential.Credential
	err      error         // of the last call of Source
	asked    time.Time     // when Source last answered
	asking   chan struct{} // closed when Source has answered; nil if it is not being asked
	reported string        // code of the last failure that was reported; "" if none
	answered bool          // Source has answered at least once
}

func newRefresher(s *Server) *refresher {
	r := &refresher{server: s}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r
}

// credential returns the cached credential. It first waits a moment for a new one if that is due.
func (r *refresher) credential(ctx context.Context) (credential.Credential, error) {
	if asking, wait := r.ask(); asking != nil {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-asking:
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.cached.IsZero() && !r.cached.Expired(r.server.Now()):
		return r.cached, nil
	case r.err != nil:
		return credential.Credential{}, r.err
	}
	return credential.Credential{}, errRenewing
}

// ask starts a call of Source if that is due. It returns the channel that is closed at its end, and how long to wait
// for that; nil if no call is running.
func (r *refresher) ask() (asking <-chan struct{}, wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.server.Now()
	fresh := r.cached.Fresh(now)
	if r.asking == nil && r.due(now, fresh) {
		r.asking = make(chan struct{})
		go r.askSource(r.asking)
	}
	if fresh {
		return r.asking, freshWait
	}
	return r.asking, staleWait
}

// due uses the wall clock, which also advances while the machine sleeps; Abs is for a clock that was set back.
func (r *refresher) due(now time.Time, fresh bool) bool {
	since := now.Sub(r.asked).Abs()
	switch {
	case !r.answered:
		return true
	case !fresh:
		return since >= retryAfter || r.err == nil && r.cached.Fresh(r.asked)
	}
	return r.server.SourceCaches && since >= recheckAfter
}

func (r *refresher) askSource(done chan struct{}) {
	ctx, cancel := context.WithTimeout(r.ctx, sourceTimeout)
	defer cancel()
	c, err := r.server.Source.Credential(ctx)
	event := r.take(c, err)
	close(done)
	if event != nil && r.ctx.Err() == nil {
		r.server.notify(event)
	}
}

// take stores an answer of Source. If Source has deleted its credential, the cached one is deleted too.
func (r *refresher) take(c credential.Credential, err error) Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.cached
	r.err, r.asked, r.asking, r.answered = err, r.server.Now(), nil, true
	if err != nil {
		f := r.server.failure(err)
		if f.Final && r.server.SourceCaches {
			r.cached = credential.Credential{}
		}
		if r.reported == f.Code {
			return nil
		}
		r.reported = f.Code
		return Failed{err}
	}
	r.cached = c
	failed := r.reported != ""
	r.reported = ""
	if c.AccessKeyID == before.AccessKeyID && !failed {
		return nil
	}
	return Renewed{c.Expiration, failed}
}

// renewInBackground asks Source before the cached credential is stale. The function it returns stops that, and waits
// until ctx ends for a running call of Source.
func (r *refresher) renewInBackground() (stop func(ctx context.Context)) {
	quit, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		for {
			asking, _ := r.ask()
			if asking != nil {
				select {
				case <-asking:
				case <-quit:
					return
				}
			}
			select {
			case <-time.After(r.pause()):
			case <-quit:
				return
			}
		}
	}()
	return func(ctx context.Context) {
		close(quit)
		<-gone
		defer r.cancel()
		r.mu.Lock()
		asking := r.asking
		r.mu.Unlock()
		if asking != nil {
			select {
			case <-asking:
			case <-ctx.Done():
			}
		}
	}
}

// pause returns the time until the credential is no longer fresh, at most maxPause.
func (r *refresher) pause() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.server.Now()
	if !r.cached.Fresh(now) {
		return maxPause
	}
	return max(minPause, min(maxPause, r.cached.StaleAt().Sub(now)))
}
