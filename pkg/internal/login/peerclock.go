package login

import (
	"net/http"
	"sync/atomic"
	"time"
)

// clockTolerance is how far two clocks may differ before one corrects the other: Date has whole seconds,
// and an answer takes its time.
const clockTolerance = time.Minute

// peerClock is the IdP's clock, as the Date of its token answer tells it: the very answer that brings the
// token to be judged by it, from the server that issues it. Other documents may come out of a cache.
type peerClock struct {
	now   func() time.Time
	ahead atomic.Int64 // a time.Duration
}

// offset is how far the IdP is ahead of the clock here, zero where that is within the tolerance.
func (c *peerClock) offset() time.Duration {
	if c == nil {
		return 0
	}
	return time.Duration(c.ahead.Load())
}

// forget goes back to the clock here.
func (c *peerClock) forget() { c.ahead.Store(0) }

func (c *peerClock) hear(resp *http.Response) {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return
	}
	ahead := date.Sub(c.now()).Round(time.Second)
	if ahead.Abs() <= clockTolerance {
		ahead = 0
	}
	c.ahead.Store(int64(ahead))
}

func (c *peerClock) heardIn(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err == nil && r.Method == http.MethodPost {
			c.hear(resp)
		}
		return resp, err
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// now is the time by the IdP's clock.
func (idp *issuer) now() time.Time { return idp.login.now().Add(idp.clock.offset()) }
