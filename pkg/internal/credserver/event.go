package credserver

import (
	"sync"
	"time"
)

// Event is Refused, Failed or Renewed.
type Event interface{ event() }

// Refused says that a request was refused.
type Refused struct {
	Reason string
	// Remote is the address of the client, on this machine.
	Remote string
	// More counts refusals for the same reason that were not reported: one a second is.
	More int
}

// Failed says why there is no fresh credential. It is sent once for each cause, until there is a fresh credential.
type Failed struct{ Err error }

// Renewed says that there is a new credential. Again is set if the last such event was Failed.
type Renewed struct {
	Expiration time.Time
	Again      bool
}

func (Refused) event() {}
func (Failed) event()  {}
func (Renewed) event() {}

// refusedEvery limits the Refused events for one reason, so that many requests do not flood the log.
const refusedEvery = time.Second

// refusals counts the refusals that are not reported. The zero value is ready to use.
type refusals struct {
	mu       sync.Mutex
	reported map[string]time.Time
	more     map[string]int
}

// report returns an event, unless one was reported for the same reason within refusedEvery.
func (r *refusals) report(now time.Time, reason, remote string) (e Refused, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reported == nil {
		r.reported, r.more = map[string]time.Time{}, map[string]int{}
	}
	if last, before := r.reported[reason]; before && now.Sub(last).Abs() < refusedEvery {
		r.more[reason]++
		return Refused{}, false
	}
	e = Refused{Reason: reason, Remote: remote, More: r.more[reason]}
	r.reported[reason], r.more[reason] = now, 0
	return e, true
}
