package agent

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Kind is the category under which Status counts a value.
type Kind int

// The kinds of values. Status does not count KindOther: public documents, and records without a secret.
const (
	KindOther Kind = iota
	KindSignIn
	KindCredential
)

// KindOf returns the kind of a value. It must neither change nor retain the value.
type KindOf func(key string, value []byte) Kind

// Status describes an agent. It contains neither keys nor values.
type Status struct {
	PID   int
	Since time.Time
	// SignIns and Credentials count the values of these kinds. Until is when the last of them expires; it is zero if
	// there are none, or if one of them does not expire.
	SignIns, Credentials int
	Until                time.Time
	// Locked says that all memory for values is locked, so that it is never swapped out.
	Locked bool
}

// statusWire is the form of Status in answers to opStatus and opStop.
type statusWire struct {
	PID         int       `json:"pid"`
	Since       time.Time `json:"since"`
	SignIns     int       `json:"sign_ins"`
	Credentials int       `json:"credentials"`
	Until       time.Time `json:"until,omitzero"`
	Locked      bool      `json:"locked"`
}

// status returns the answer to opStatus.
func (s *server) status() (frame, error) {
	s.vault.mu.Lock()
	defer s.vault.mu.Unlock()
	return s.describe()
}

// stop drops everything and returns the answer to opStop: the status before that. The process exits once the answer
// has been sent.
func (s *server) stop() (frame, error) {
	s.vault.mu.Lock()
	defer s.vault.mu.Unlock()
	if s.vault.ended {
		return frame{}, errEnded
	}
	answer, err := s.describe()
	s.vault.ended = true
	s.vault.dropAll()
	return answer, err
}

// describe returns the status as a frame. The caller holds the vault's mutex.
func (s *server) describe() (frame, error) {
	w := s.vault.summary()
	w.PID, w.Since = os.Getpid(), s.since
	value, err := json.Marshal(w)
	return frame{op: opFound, value: value}, err
}

// summary counts the values that have not expired. The caller holds the mutex.
func (v *vault) summary() statusWire {
	w := statusWire{Locked: v.arena.locked()}
	endless := false
	for _, e := range v.entries {
		switch {
		case v.expired(e):
			continue
		case e.kind == KindSignIn:
			w.SignIns++
		case e.kind == KindCredential:
			w.Credentials++
		default:
			continue
		}
		endless = endless || e.until.IsZero()
		if end := v.clock.wall().Add(v.left(e)); end.After(w.Until) {
			w.Until = end
		}
	}
	if endless {
		w.Until = time.Time{}
	}
	return w
}

func parseStatus(answer frame) (Status, error) {
	var w statusWire
	if answer.op != opFound {
		return Status{}, fmt.Errorf("reading the agent's status: %w", errGarbage)
	}
	if err := json.Unmarshal(answer.value, &w); err != nil {
		return Status{}, fmt.Errorf("reading the agent's status: %w", err)
	}
	return Status(w), nil
}
