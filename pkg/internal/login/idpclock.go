package login

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clockTolerance is the difference of two clocks that is ignored: Date has whole seconds, and a response takes time.
const clockTolerance = time.Minute

// idpClock is the IdP's clock, from the Date header of its token response. That is the very response that contains the
// token to check, from the server that issued it; other documents may come from a cache.
type idpClock struct {
	now   func() time.Time
	ahead atomic.Int64 // a time.Duration
}

// offset is how far the IdP's clock is ahead of the local clock, or zero within the tolerance.
func (c *idpClock) offset() time.Duration {
	if c == nil {
		return 0
	}
	return time.Duration(c.ahead.Load())
}

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

// now is the time by the IdP's clock.
func (idp *issuer) now() time.Time { return idp.login.now().Add(idp.clock.offset()) }
