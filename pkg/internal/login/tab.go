package login

import (
	"sync"
	"time"
)

// Result is what became of a grant at AWS.
type Result int

const (
	Accepted Result = iota // there are credentials, or nobody asked for them
	Refused                // AWS understood and refused
	Failed                 // anything else went wrong
	Unknown                // not known in time
)

// Tab is the browser's tab after SignIn: its last page waits a little for what becomes of the grant. The zero
// value is ready, and serves one sign-in after the other.
type Tab struct {
	mu      sync.Mutex
	settle  func(Result)
	showing sync.WaitGroup
}

// Settle has the last page say what became of the grant. Without it the page says after pageLimit that it does not know.
func (t *Tab) Settle(r Result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.settle != nil {
		t.settle(r)
		t.settle = nil
	}
}

// Wait returns when the last page has reached the browser, or soon if the tab is gone. Call it before the process
// ends, after the credentials are where they should be.
func (t *Tab) Wait() { t.showing.Wait() }

const (
	// pageLimit bounds how long the last page waits to be asked for, and for what it says.
	pageLimit = 2 * time.Second
	// arrivalLimit bounds how long a page that is there takes to be written.
	arrivalLimit = 500 * time.Millisecond
	// reloadLimit bounds how long the last page can be loaded again while this process lives.
	reloadLimit = time.Minute
)

// take serves the last page. A port that the profile names is free when the page was shown, for the next sign-in
// needs the same one.
func (t *Tab) take(a *attempt, o outcome) {
	settle := func(r Result) {
		o := o
		o.result = r
		a.settle(o)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settle = settle
	t.showing.Go(func() {
		defer func() {
			if a.port.fixed {
				a.close()
				return
			}
			time.AfterFunc(reloadLimit, a.close)
		}()
		select {
		case <-a.shown:
		case <-time.After(pageLimit):
			settle(Unknown)
			select {
			case <-a.shown:
			case <-time.After(arrivalLimit):
			}
		}
	})
}
