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
	// Remote is where it came from, an address of this machine.
	Remote string
	// More counts the refusals for that reason that were not told, for one a second is.
	More int
}

// Failed says that there is no fresh credential, and why. It is told once, until there is one again or the
// cause is another.
type Failed struct{ Err error }

// Renewed says that there is a new credential; Again, that the last thing told was a failure.
type Renewed struct {
	Expiration time.Time
	Again      bool
}

func (Refused) event() {}
func (Failed) event()  {}
func (Renewed) event() {}

// tellEvery keeps a flood of requests from flooding the log.
const tellEvery = time.Second

// refusals counts what is not told. The zero value is ready.
type refusals struct {
	mu   sync.Mutex
	told map[string]time.Time
	more map[string]int
}

// tell returns the event, or none where one of the same reason was told a moment ago.
func (r *refusals) tell(now time.Time, reason, remote string) (e Refused, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.told == nil {
		r.told, r.more = map[string]time.Time{}, map[string]int{}
	}
	if last, before := r.told[reason]; before && now.Sub(last).Abs() < tellEvery {
		r.more[reason]++
		return Refused{}, false
	}
	e = Refused{Reason: reason, Remote: remote, More: r.more[reason]}
	r.told[reason], r.more[reason] = now, 0
	return e, true
}
