package sandbox

import (
	"net/http"
	"time"
)

// Fault makes STS, Cognito or S3 misbehave on purpose. The zero value is good behaviour.
type Fault struct {
	Code    string        // the error code that is answered; with none, only Delay counts
	Status  int           // the HTTP status of that answer; 0 means 400
	Message string        // the message of that answer
	Times   int           // how many requests fail before all is well again; 0 means every one
	Delay   time.Duration // how long each answer takes longer
}

// Break makes the server misbehave from now on; Break(Fault{}) mends it.
func (s *server) Break(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// failing takes the fault due to this request, if any.
func (s *server) failing() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	due := s.fault
	if s.fault.Times == 1 {
		s.fault = Fault{}
	} else if s.fault.Times > 1 {
		s.fault.Times--
	}
	return due
}

// awsError is an answer of AWS that refuses; each server writes it in its own protocol.
type awsError struct {
	Status  int
	Code    string
	Message string
}

func (e *awsError) Error() string { return e.Code + ": " + e.Message }

func (f Fault) awsError() *awsError {
	if f.Code == "" {
		return nil
	}
	if f.Status == 0 {
		f.Status = http.StatusBadRequest
	}
	return &awsError{f.Status, f.Code, f.Message}
}
