package sandbox

import (
	"io"
	"net/http"
	"sync"
	"time"
)

// Fault makes a server misbehave on purpose, any but the IdP, which has Knobs. The zero value is good
// behaviour.
type Fault struct {
	Code    string        // the error code that is answered; with none, only Delay and Cut count
	Status  int           // the HTTP status of that answer; 0 means 400
	Message string        // the message of that answer
	Times   int           // how many requests fail before all is well again; 0 means every one
	Delay   time.Duration // how long each answer takes longer
	Cut     bool          // the connection ends without an answer
	Page    bool          // the answer is a web page with status 200, as a captive portal's
}

// breakable holds the fault of a server.
type breakable struct {
	faultMu sync.Mutex
	fault   Fault
}

// Break makes the server misbehave from now on; Break(Fault{}) mends it.
func (b *breakable) Break(f Fault) {
	b.faultMu.Lock()
	defer b.faultMu.Unlock()
	b.fault = f
}

// failing takes the fault due to this request, if any.
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

// writePage answers with a web page where the fault asks for one.
func (f Fault) writePage(w http.ResponseWriter, r *http.Request) bool {
	if f.Page {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Sign in to use this network.</body></html>")
	}
	return f.Page
}

// awsError is an answer of AWS that refuses; each server writes it in its own protocol.
type awsError struct {
	Status  int
	Code    string
	Message string
}

func (e *awsError) Error() string { return e.Code + ": " + e.Message }

// awsError is the refusal that a fault asks for, nil for none. It does not return where the connection is to be cut.
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
