package login

import (
	"context"
	"testing"
	"time"
)

// The texts of errors that a person reads.
func TestErrorTexts(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		err  error
		want string
	}{
		{&UnansweredError{Waited: 4 * time.Second, Err: context.DeadlineExceeded}, "timed out after 4 s without a response in the browser"},
		{&UnansweredError{Waited: 5 * time.Minute, Err: context.DeadlineExceeded}, "timed out after 5 min without a response in the browser"},
		{&ClockError{At: now.Add(-time.Hour), Now: now}, "it expired 60 min ago"},
		{&ClockError{At: now.Add(-72 * time.Hour), Now: now}, "it expired 3 d ago"},
		{&ClockError{At: now.Add(time.Hour), Now: now, IdP: now.Add(3 * time.Hour)}, "it expired 2 h ago by the identity provider's clock"},
		{&ClockError{At: now.Add(-90 * time.Second), Now: now, IdP: now.Add(-2 * time.Hour)}, "it expired 90 s ago"}, // the Date header was wrong
		{&ClockError{At: now.Add(time.Hour), Now: now, IdP: now.Add(72 * time.Hour), Cut: true},
			"it expired 23 h ago; the identity provider's clock is 3 d ahead of the local clock; at most 24 h of that is corrected"},
		{&ClockError{At: now.Add(time.Hour), Now: now, Early: true}, "it is not valid for another 60 min"},
		{&ClockError{At: now, Now: now, IdP: now.Add(-2 * time.Hour), Early: true}, "it is not valid for another 2 h by the identity provider's clock"},
		{&PortInUseError{Ports: []string{"8400"}}, "port 8400 is in use"},
		{&PortInUseError{Ports: []string{"8400", "8401"}}, "ports 8400 and 8401 are in use"},
		{&StatusError{Status: 503, URL: "https://idp.example.com/token"}, "HTTP 503 from idp.example.com"},
		{&IdPError{Code: "invalid_client"}, "the identity provider says invalid_client"},
	} {
		if got := row.err.Error(); got != row.want {
			t.Errorf("%#v: %q, want %q", row.err, got, row.want)
		}
	}
}
