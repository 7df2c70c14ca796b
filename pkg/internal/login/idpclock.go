package login

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clockTolerance is the difference of two clocks that is ignored: Date has whole seconds, and a response takes time.
const clockTolerance = time.Minute

// The local clock is corrected by at most this much. A clock that is behind makes tokens valid for longer, so that a token
// that has expired by the local clock could pass because of a wrong Date header. One that is ahead makes them expire sooner.
const (
	maxBehind = 15 * time.Minute
	maxAhead  = 24 * time.Hour
)

// idpClock is the IdP's clock, from the Date header of its token response. That is the very response that contains the
// token to check, from the server that issued it; other documents may come from a cache.
type idpClock struct {
	now   func() time.Time
	step  func(string)
	ahead atomic.Int64 // a time.Duration
}

// difference is how far the IdP's clock is ahead of the local clock, or zero within the tolerance.
func (c *idpClock) difference() time.Duration {
	if c == nil {
		return 0
	}
	return time.Duration(c.ahead.Load())
}

// offset is the part of the difference by which the local clock is corrected.
func (c *idpClock) offset() time.Duration { return corrected(c.difference()) }

func corrected(ahead time.Duration) time.Duration { return min(max(ahead, -maxBehind), maxAhead) }

// reset makes the local clock count again.
func (c *idpClock) reset() { c.ahead.Store(0) }

func (c *idpClock) read(response *http.Response) {
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return
	}
	ahead := date.Sub(c.now()).Round(time.Second)
	if ahead.Abs() <= clockTolerance {
		ahead = 0
	}
	c.ahead.Store(int64(ahead))
	if ahead != c.offset() {
		c.step(cutText(ahead))
	}
}

// cutText says that a difference of the clocks is too big to be corrected.
func cutText(ahead time.Duration) string {
	if ahead < 0 {
		return "the identity provider's clock is " + span(-ahead) + " behind the local clock; at most " + span(maxBehind) + " of that is corrected"
	}
	return "the identity provider's clock is " + span(ahead) + " ahead of the local clock; at most " + span(maxAhead) + " of that is corrected"
}

// watch returns a transport that reads the clock in each response to a POST request.
func (c *idpClock) watch(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		if err == nil && r.Method == http.MethodPost {
			c.read(response)
		}
		return response, err
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// now is the time by the IdP's clock, within the limits of the correction.
func (idp *issuer) now() time.Time { return idp.login.now().Add(idp.clock.offset()) }
