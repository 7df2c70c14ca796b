package login

import (
	"sync"
	"time"
)

// Result is what AWS did with a grant.
type Result int

const (
	Accepted Result = iota // AWS issued credentials, or none were requested
	Refused                // AWS refused
	Failed                 // something else failed
	Unknown                // not known in time
)

// Tab is the browser tab after SignIn: its last page waits briefly to show what AWS did with the grant. The zero value
// is ready to use, for one sign-in after the other.
type Tab struct {
	mu      sync.Mutex
	settle  func(Result)
	showing sync.WaitGroup
}

// Settle sets the result that the last page shows. If it is not called within pageLimit, the page says that the result
// is not known.
func (t *Tab) Settle(r Result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.settle != nil {
		t.settle(r)
		t.settle = nil
	}
}

// Wait waits until the browser has received the last page, for a short time only. Call it before the process ends,
// after the credentials have been delivered.
func (t *Tab) Wait() { t.showing.Wait() }

const (
	// pageLimit is how long the last page waits for the browser to request it, and for the result.
	pageLimit = 2 * time.Second
	// arrivalLimit is how long it may take to write the last page once the result is set.
	arrivalLimit = 500 * time.Millisecond
	// reloadLimit is how long the last page can be loaded again while this process runs.
	reloadLimit = time.Minute
)

// serveLastPage serves the last page in the background. A port that the profile names is freed as soon as the page has
// been shown, because the next sign-in needs the same port.
func (t *Tab) serveLastPage(pages *signInPages, o outcome) {
	settle := func(r Result) {
		o := o
		o.result = r
		pages.settle(o)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settle = settle
	t.showing.Go(func() {
		defer func() {
			if pages.port.fixed {
				pages.close()
				return
			}
			time.AfterFunc(reloadLimit, pages.close)
		}()
		select {
		case <-pages.shown:
		case <-time.After(pageLimit):
			settle(Unknown)
			select {
			case <-pages.shown:
			case <-time.After(arrivalLimit):
			}
		}
	})
}
