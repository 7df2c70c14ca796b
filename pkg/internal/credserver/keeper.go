package credserver

import (
	"context"
	"sync"
	"time"

	"github.com/daypass/daypass/pkg/credential"
)

// How long and how often. A request is answered within botocore's 2 s, from what is held if need be.
const (
	askTime    = 50 * time.Second        // what Source may take
	patience   = 1500 * time.Millisecond // how long a request waits for a fresh credential
	impatience = 100 * time.Millisecond  // while it could have a fresh one that may be forgotten meanwhile
	recheck    = time.Second             // how often Source is asked whether it still has what it gave
	again      = 2 * time.Second         // after a failure, when somebody asks
	lookAround = 30 * time.Second        // in the background: timers stand still while a machine sleeps
	soonest    = 10 * time.Millisecond   // between two looks, however short a credential's life
)

// keeper holds the credential that is given out, and has one goroutine at a time ask for the next.
type keeper struct {
	server *Server
	ctx    context.Context // ends what Source does
	cancel context.CancelFunc

	mu     sync.Mutex
	held   credential.Credential
	err    error         // of the last time, nil where it went well
	asked  time.Time     // when Source last answered
	asking chan struct{} // closed when it has answered; nil: nobody asks
	told   string        // code of the failure that was told last, "" for none
	since  bool          // Source has answered before
}

func newKeeper(s *Server) *keeper {
	k := &keeper{server: s}
	k.ctx, k.cancel = context.WithCancel(context.Background())
	return k
}

// credential returns what is held, after a moment's waiting for a better one where there is need.
func (k *keeper) credential(ctx context.Context) (credential.Credential, error) {
	if asking, wait := k.ask(); asking != nil {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-asking:
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case !k.held.IsZero() && !k.held.Expired(k.server.Now()):
		return k.held, nil
	case k.err != nil:
		return credential.Credential{}, k.err
	}
	return credential.Credential{}, errRenewing
}

// ask has Source asked where that is due, and returns what to wait for and how long; nil for nothing.
func (k *keeper) ask() (asking <-chan struct{}, wait time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.server.Now()
	fresh := k.held.Fresh(now)
	if k.asking == nil && k.due(now, fresh) {
		k.asking = make(chan struct{})
		go k.askSource(k.asking)
	}
	if fresh {
		return k.asking, impatience
	}
	return k.asking, patience
}

// due goes by both clocks: the one that jumps when a machine wakes, and when somebody sets it back.
func (k *keeper) due(now time.Time, fresh bool) bool {
	since := now.Sub(k.asked).Abs()
	switch {
	case !k.since:
		return true
	case !fresh:
		return since >= again || k.err == nil && k.held.Fresh(k.asked)
	}
	return k.server.SourceKeeps && since >= recheck
}

func (k *keeper) askSource(done chan struct{}) {
	ctx, cancel := context.WithTimeout(k.ctx, askTime)
	defer cancel()
	c, err := k.server.Source.Credential(ctx)
	event := k.answered(c, err)
	close(done)
	if event != nil && k.ctx.Err() == nil {
		k.server.notify(event)
	}
}

// answered takes over what Source said. What it says it has forgotten is forgotten here too.
func (k *keeper) answered(c credential.Credential, err error) Event {
	k.mu.Lock()
	defer k.mu.Unlock()
	before := k.held
	k.err, k.asked, k.asking, k.since = err, k.server.Now(), nil, true
	if err != nil {
		f := k.server.failure(err)
		if f.Final && k.server.SourceKeeps {
			k.held = credential.Credential{}
		}
		if k.told == f.Code {
			return nil
		}
		k.told = f.Code
		return Failed{err}
	}
	k.held = c
	failed := k.told != ""
	k.told = ""
	if c.AccessKeyID == before.AccessKeyID && !failed {
		return nil
	}
	return Renewed{c.Expiration, failed}
}

// renewInBackground asks before any request finds a stale credential. What it returns ends it, and waits
// for Source until ctx ends.
func (k *keeper) renewInBackground() (stop func(ctx context.Context)) {
	quit, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		for {
			asking, _ := k.ask()
			if asking != nil {
				select {
				case <-asking:
				case <-quit:
					return
				}
			}
			select {
			case <-time.After(k.pause()):
			case <-quit:
				return
			}
		}
	}()
	return func(ctx context.Context) {
		close(quit)
		<-gone
		defer k.cancel()
		k.mu.Lock()
		asking := k.asking
		k.mu.Unlock()
		if asking != nil {
			select {
			case <-asking:
			case <-ctx.Done():
			}
		}
	}
}

// pause lasts until the credential is no longer fresh, or until it is time to look around.
func (k *keeper) pause() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.server.Now()
	if !k.held.Fresh(now) {
		return lookAround
	}
	return max(soonest, min(lookAround, k.held.StaleAt().Sub(now)))
}
