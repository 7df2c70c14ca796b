package login

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// signInPages are the three pages of a sign-in: the start page, which redirects to the IdP; the redirect URI, to which
// the IdP sends the browser back; and the last page, which shows the outcome.
type signInPages struct {
	*pageServer
	clientID string
	request  authRequest
	// authURL returns the URL of the authorization request. It waits for discovery.
	authURL    func(context.Context) (string, error)
	lastPageID string // makes the last page's address unique to this sign-in

	responses chan authResponse // holds the first response
	answered  atomic.Bool       // the first response has come
	settled   chan struct{}     // closed when outcome is set
	outcome   outcome

	settleOnce    sync.Once
	elsewhereOnce sync.Once   // sends AnswerElsewhere
	elsewhere     atomic.Bool // a response came in another browser
}

func newSignInPages(p *port, clientID string, notify func(Event)) *signInPages {
	return &signInPages{
		pageServer: newPageServer(p, "sign-in", notify), clientID: clientID,
		request: newAuthRequest(p.redirectURI()), lastPageID: rand.Text(),
		responses: make(chan authResponse, 1), settled: make(chan struct{}),
	}
}

// ServeHTTP implements http.Handler.
func (s *signInPages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case s.refuseForeign(w, r):
	case path == s.port.path("/start"):
		s.serveStart(w, r)
	case path == s.port.callbackPath():
		s.serveCallback(w, r)
	case path == s.port.path("/done/"+s.lastPageID):
		s.serveLast(w, r)
	default:
		refuse(w, http.StatusNotFound, "Page not found.")
	}
}

// serveStart redirects the first browser to the IdP, however often it loads the page, and refuses every other browser.
// Every user of the machine can read this page's URL in the launcher's arguments; they cannot read the cookie.
func (s *signInPages) serveStart(w http.ResponseWriter, r *http.Request) {
	if !s.admitTab(w, r) {
		return
	}
	to, err := s.authURL(r.Context())
	if r.Context().Err() != nil {
		return // the browser left during discovery, and may load the page again
	}
	if err != nil {
		s.writeLast(w, outcome{err: err})
		return
	}
	if s.admitBrowser(w, r) {
		redirect(w, http.StatusFound, to)
	}
}

// serveCallback accepts an authorization response that has our state and comes from our browser.
func (s *signInPages) serveCallback(w http.ResponseWriter, r *http.Request) {
	response, ok := s.request.parseResponse(r.URL.RawQuery)
	switch {
	case !ok:
		refuse(w, http.StatusBadRequest, "This is not the response to the sign-in that is pending here.")
	case !s.hasCookie(r):
		s.elsewhere.Store(true)
		s.elsewhereOnce.Do(func() { s.notify(AnswerElsewhere{}) })
		refuse(w, http.StatusForbidden, elsewhereAdvice...)
	default:
		if s.answered.CompareAndSwap(false, true) {
			s.responses <- response
		}
		redirect(w, http.StatusSeeOther, s.port.path("/done/"+s.lastPageID)) // removes the code from the address bar
	}
}

// elsewhereAdvice says how to sign in with the browser that the IdP's response came to: open the start page there.
var elsewhereAdvice = []string{"You came back in another browser, browser profile or container than the one where this sign-in began.",
	"In the terminal, run: daypass login --no-browser. Then open the printed address in this browser."}

// serveLast waits for the outcome and shows it, however often the tab loads the page. The page contains no secret.
// The browser may cache it for a tab that is restored after this process has ended; no other sign-in has its address.
func (s *signInPages) serveLast(w http.ResponseWriter, r *http.Request) {
	if !s.answered.Load() || !s.hasCookie(r) {
		refuse(w, http.StatusForbidden, "This sign-in was started in another browser.")
		return
	}
	select {
	case <-s.settled:
		s.setCookie(w, lastPageCookieSeconds)
		w.Header().Set("Cache-Control", "private, max-age=86400")
		s.writeLast(w, s.outcome)
	case <-r.Context().Done():
	}
}

// lastPageCookieSeconds is how long the cookie is valid after the last page was first shown.
const lastPageCookieSeconds = 60

func (s *signInPages) writeLast(w http.ResponseWriter, o outcome) {
	w.Header().Set("Connection", "close")
	p, status := o.page(), http.StatusOK
	if p.failed {
		status = http.StatusBadGateway
	}
	write(w, status, p)
	s.finish(w)
}

// wait returns the first response. It fails when ctx ends, or when discovery fails, because then the browser was never
// sent to the IdP.
func (s *signInPages) wait(ctx context.Context, discovery *future[metadata]) (authResponse, error) {
	began, discovered := time.Now(), discovery.done
	for {
		select {
		case response := <-s.responses:
			return response, nil
		case <-discovered:
			if discovery.err != nil {
				return authResponse{}, discovery.err
			}
			discovered = nil
		case <-ctx.Done():
			return authResponse{}, s.waitError(ctx, began)
		}
	}
}

func (s *signInPages) waitError(ctx context.Context, began time.Time) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return context.Cause(ctx)
	}
	return &UnansweredError{Elsewhere: s.elsewhere.Load(), ClientID: s.clientID, RedirectURI: s.request.redirectURI,
		Waited: time.Since(began).Round(time.Second), Err: ctx.Err()}
}

// settle sets what the last page shows. Only the first call has an effect.
func (s *signInPages) settle(o outcome) {
	s.settleOnce.Do(func() {
		s.outcome = o
		close(s.settled)
	})
}

// awaitLastPage waits until the last page has been written, for a short time only: the tab may be closed.
func (s *signInPages) awaitLastPage(ctx context.Context) {
	timer := time.NewTimer(pageLimit)
	defer timer.Stop()
	select {
	case <-s.shown:
	case <-timer.C:
	case <-ctx.Done():
	}
}
