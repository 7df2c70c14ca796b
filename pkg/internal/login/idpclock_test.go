package login

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/sandbox"
)

// Sign-in and refresh succeed although the local clock is wrong: the IdP's Date header shows the difference.
func TestClockOff(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-2 * time.Hour, -30 * time.Second, 30 * time.Second, 14 * time.Minute} {
		idp := newIdP(t, nil)
		l, _ := newLogin(t, idp.URL())
		l.Now = func() time.Time { return time.Now().Add(off) }
		want := -off
		if off.Abs() <= clockTolerance {
			want = 0
		}
		first, err := l.SignIn(limited(t))
		if err != nil {
			t.Errorf("%v off: %v", off, err)
			continue
		}
		second, err := l.Renew(t.Context(), first)
		if err != nil {
			t.Errorf("%v off, renewing: %v", off, err)
			continue
		}
		for _, grant := range []time.Duration{first.ClockOffset, second.ClockOffset} {
			if (grant - want).Abs() > 5*time.Second {
				t.Errorf("%v off: the grant says %v, want %v", off, grant, want)
			}
		}
		if left := second.IDExpiry().Sub(l.Now()); (left - time.Hour).Abs() > time.Minute {
			t.Errorf("%v off: the token is valid for %v by the local clock, want an hour", off, left)
		}
	}
}

// A token that has expired by the IdP's clock is refused, whatever the local clock says.
func TestExpiredByTheIdPsClock(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-2 * time.Hour, 0, 2 * time.Hour} {
		idp := newIdP(t, func(k *sandbox.Knobs) { k.Expired = true })
		l, _ := newLogin(t, idp.URL())
		l.Now = func() time.Time { return time.Now().Add(off) }
		_, err := l.SignIn(limited(t))
		if clockErr, ok := errors.AsType[*ClockError](err); !ok || clockErr.Early {
			t.Errorf("%v off: %v, want an expired token", off, err)
		}
	}
}

// A token that expired an hour ago by the local clock is refused even if it is valid by the IdP's clock. The error and the
// verbose output say how much is corrected.
func TestDateCannotExtendAToken(t *testing.T) {
	t.Parallel()
	idp := newIdP(t, nil)
	l, _ := newLogin(t, idp.URL())
	l.Now = func() time.Time { return time.Now().Add(2 * time.Hour) } // the tokens are valid for one hour
	steps := make(chan string, 100)
	l.Step = func(step string) { steps <- step }
	_, err := l.SignIn(limited(t))
	clockErr, ok := errors.AsType[*ClockError](err)
	if !ok || clockErr.Early || !clockErr.Cut {
		t.Fatalf("an ID token an hour after its expiry: %v, want an expired token", err)
	}
	const cut = "the identity provider's clock is 2 h behind the local clock; at most 15 min of that is corrected"
	wantText(t, "error", err.Error(), "it expired 45 min ago; "+cut)
	close(steps)
	for step := range steps {
		if step == cut {
			return
		}
	}
	t.Errorf("no step is %q", cut)
}

// The correction is bounded.
func TestCorrected(t *testing.T) {
	t.Parallel()
	for ahead, want := range map[time.Duration]time.Duration{
		0: 0, -15 * time.Minute: -15 * time.Minute, -16 * time.Minute: -15 * time.Minute, -100000 * time.Hour: -15 * time.Minute,
		5 * time.Hour: 5 * time.Hour, 25 * time.Hour: 24 * time.Hour,
	} {
		if got := corrected(ahead); got != want {
			t.Errorf("corrected(%v) = %v, want %v", ahead, got, want)
		}
	}
}

// A Date header that contradicts the token: one in the past has no effect; one in the future makes the token expired, and
// the error contains both clocks.
func TestOddDate(t *testing.T) {
	t.Parallel()
	for _, date := range []string{"Thu, 01 Jan 1970 00:00:00 GMT", "0", time.Now().Add(-2 * time.Hour).UTC().Format(http.TimeFormat)} {
		idp := newIdP(t, func(k *sandbox.Knobs) { k.Date = date })
		l, _ := newLogin(t, idp.URL())
		grant, err := l.SignIn(limited(t))
		if err != nil {
			t.Errorf("Date %q: %v", date, err)
			continue
		}
		if grant, err = l.Renew(t.Context(), grant); err != nil || grant.ClockOffset != 0 {
			t.Errorf("Date %q: renewing: %v; the clock is %v off, want 0", date, err, grant.ClockOffset)
		}
	}
	idp := newIdP(t, func(k *sandbox.Knobs) { k.Date = time.Now().Add(5 * time.Hour).UTC().Format(http.TimeFormat) })
	l, _ := newLogin(t, idp.URL())
	_, err := l.SignIn(limited(t))
	clockErr, ok := errors.AsType[*ClockError](err)
	if !ok || time.Since(clockErr.Now).Abs() > time.Minute || time.Until(clockErr.IdP)-5*time.Hour > time.Minute || clockErr.Early {
		t.Fatalf("a Date header five hours ahead: %v, want an expired token and both clocks", err)
	}
	wantText(t, "error", err.Error(), "it expired 4 h ago by the identity provider's clock")
}

// Only the response to a POST request sets the clock. A missing or invalid Date header changes nothing.
func TestIdPClock(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	clock := &idpClock{now: func() time.Time { return now }, step: func(string) {}}
	date := ""
	transport := clock.watch(roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{Header: http.Header{"Date": {date}}}, nil
	}))
	for _, row := range []struct {
		method, date string
		want         time.Duration
	}{
		{http.MethodPost, "", 0},
		{http.MethodPost, "yesterday", 0},
		{http.MethodGet, now.Add(time.Hour).UTC().Format(http.TimeFormat), 0},
		{http.MethodPost, now.Add(time.Minute).UTC().Format(http.TimeFormat), 0},
		{http.MethodPost, now.Add(time.Hour).UTC().Format(http.TimeFormat), time.Hour},
		{http.MethodPost, "", time.Hour},
		{http.MethodPost, now.UTC().Format(http.TimeFormat), 0},
	} {
		date = row.date
		if _, err := transport.RoundTrip(&http.Request{Method: row.method}); err != nil {
			t.Fatal(err)
		}
		if got := clock.offset(); got != row.want {
			t.Errorf("after %s with Date %q: %v ahead, want %v", row.method, row.date, got, row.want)
		}
	}
}
