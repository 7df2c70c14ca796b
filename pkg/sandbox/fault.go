package sandbox

import (
	"io"
	"net/http"
	"sync"
	"time"
)

// Fault makes STS, Cognito, S3 or OAuth misbehave on purpose; the IdP has Knobs instead. The zero value is correct
// behavior.
type Fault struct {
	Code    string        // the error code of the response; if empty, only Delay and Cut apply
	Status  int           // the HTTP status of the response; 0 means 400
	Message string        // the message of the response
	Times   int           // how many requests fail before the next ones succeed; 0 means all fail
	Delay   time.Duration // added to the time of each response
	Cut     bool          // closes the connection without a response
	Page    bool          // responds with a web page and status 200, as a captive portal does
}

// breakable holds the fault of a server.
type breakable struct {
	faultMu sync.Mutex
	fault   Fault
}

// Break makes the server misbehave from now on. Break(Fault{}) ends that.
func (b *breakable) Break(f Fault) {
	b.faultMu.Lock()
	defer b.faultMu.Unlock()
	b.fault = f
}

// failing returns the fault for this request, and counts it.
func (b *breakable) failing() Fault {
	b.faultMu.Lock()
	defer b.faultMu.Unlock()
	due := b.fault
	if b.fault.Times == 1 {
		b.fault = Fault{}
	} else if b.fault.Times > 1 {
		b.fault.Times--
	}
	return due
}

// writePage responds with a web page if the fault asks for one.
func (f Fault) writePage(w http.ResponseWriter, r *http.Request) bool {
	if f.Page {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Sign in to use this network.</body></html>")
	}
	return f.Page
}

// awsError is an AWS error; each server writes it in its own protocol.
type awsError struct {
	Status  int
	Code    string
	Message string
}

func (e *awsError) Error() string { return e.Code + ": " + e.Message }

// awsError returns the error of a fault, or nil if it has none. It does not return if the connection is to be closed.
func (f Fault) awsError() *awsError {
	if f.Cut {
		panic(http.ErrAbortHandler)
	}
	if f.Code == "" {
		return nil
	}
	if f.Status == 0 {
		f.Status = http.StatusBadRequest
	}
	return &awsError{f.Status, f.Code, f.Message}
}
