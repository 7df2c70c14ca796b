package login

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"github.com/daypass/daypass/pkg/internal/connlimit"
	"github.com/daypass/daypass/pkg/internal/peercred"
	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// maxConns is how many connections may be open that did not show our cookie: a browser opens six to one host.
const maxConns = 32

// attempt is one sign-in in a browser: its secrets, and where it stands.
type attempt struct {
	port                               *port
	what                               string // "sign-in", or "sign-out"
	clientID                           string
	cookie, state, nonce, codeVerifier string
	id                                 string // makes the last page's address this sign-in's own
	// authURL returns the authorization request once discovery is there.
	authURL func(context.Context) (string, error)
	// isOthers reports whether another user of this machine makes the request.
	isOthers func(*http.Request) bool
	notify   func(Event)
	server   *http.Server
	limit    connlimit.Limit

	answers chan answer   // holds the first one
	settled chan struct{} // closed when outcome is set
	outcome outcome
	shown   chan struct{} // closed when the last page is written

	mu       sync.Mutex
	started  bool      // the first browser has come
	answered bool      // and has brought its answer
	seen     sync.Once // closes shown
	over     sync.Once // sets outcome
	second   sync.Once // tells of a second browser

	elsewhere sync.Once   // tells of an answer in another browser
	refused   atomic.Bool // there was one
}

// answer is an authorization response with our state from the browser that we sent (RFC 6749 §4.1.2).
type answer struct {
	code, errorCode, description string
	issuer                       string
	hasIssuer                    bool
}

// outcome is what the last page says.
type outcome struct {
	who, profile string
	host         string // of the IdP
	err          error  // why nobody is signed in
	result       Result // of who is
}

// newAttempt makes secrets of at least 128 bits each.
func newAttempt(p *port, notify func(Event)) *attempt {
	return &attempt{
		port: p, what: "sign-in", notify: notify, isOthers: isOthers,
		cookie: rand.Text(), state: rand.Text(), nonce: rand.Text(), codeVerifier: oauth2.GenerateVerifier(), id: rand.Text(),
		limit:   connlimit.Limit{Max: maxConns},
		answers: make(chan answer, 1), settled: make(chan struct{}), shown: make(chan struct{}),
	}
}

// isOthers reports whether another user of this machine makes the request. Every user sees the start page's
// address, in the launcher's arguments, and whoever is there before the browser could sign in as himself for
// the person. Where the system does not tell, the first browser is taken for the person's.
func isOthers(r *http.Request) bool {
	return os.Geteuid() != 0 && peercred.IsOther(r) // root serves whoever is at the screen
}

// wait returns the first answer, or why there will be none: ctx ended, or discovery failed, so that
// the browser was never sent to the IdP.
func (a *attempt) wait(ctx context.Context, discovery *later[metadata]) (answer, error) {
	began, discovered := time.Now(), discovery.done
	for {
		select {
		case got := <-a.answers:
			return got, nil
		case <-discovered:
			if discovery.err != nil {
				return answer{}, discovery.err
			}
			discovered = nil
		case <-ctx.Done():
			return answer{}, a.nobodyCame(ctx, began)
		}
	}
}

func (a *attempt) nobodyCame(ctx context.Context, began time.Time) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return context.Cause(ctx)
	}
	return &UnansweredError{Elsewhere: a.refused.Load(), ClientID: a.clientID, RedirectURI: a.port.redirectURI(),
		Waited: time.Since(began).Round(time.Second), Err: ctx.Err()}
}

// check compares the issuer in the answer (RFC 9207 §2.4) before anything else in it is believed.
func (g answer) check(m metadata) error {
	switch {
	case g.hasIssuer && g.issuer != m.Issuer:
		return fmt.Errorf("the answer is from the issuer %q, not %q", sanitize.Short(g.issuer, maxDescription), m.Issuer)
	case !g.hasIssuer && m.SendsIssuer:
		return errors.New("the answer does not name its issuer, as the identity provider says it always does (RFC 9207)")
	case g.errorCode != "":
		return newIdPError(g.errorCode, g.description)
	}
	return nil
}

// settle says how it ended, for the last page. The first to say it counts.
func (a *attempt) settle(o outcome) {
	a.over.Do(func() {
		a.outcome = o
		close(a.settled)
	})
}

// letPageArrive waits until the last page is written, but not long: the tab may be gone.
func (a *attempt) letPageArrive(ctx context.Context) {
	timer := time.NewTimer(pageLimit)
	defer timer.Stop()
	select {
	case <-a.shown:
	case <-timer.C:
	case <-ctx.Done():
	}
}
