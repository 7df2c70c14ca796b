package agent

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Kind is what an agent counts a value as.
type Kind int

// The kinds. Status does not count KindOther: public documents, and marks without a secret.
const (
	KindOther Kind = iota
	KindSignIn
	KindCredential
)

// KindOf returns the kind of a value. It must neither change nor keep the value.
type KindOf func(key string, value []byte) Kind

// Status is what an agent says of itself: never a key, never a value.
type Status struct {
	PID   int
	Since time.Time
	// SignIns and Credentials are how many of them it holds. Until is when the last of them expires: zero if
	// there are none, or if one is held until it is deleted.
	SignIns, Credentials int
	Until                time.Time
	// Locked says that all memory for values is locked: it is never swapped out.
	Locked bool
}

// statusWire is Status in answers to opStatus and opStop.
type statusWire struct {
	PID         int       `json:"pid"`
	Since       time.Time `json:"since"`
	SignIns     int       `json:"sign_ins"`
	Credentials int       `json:"credentials"`
	Until       time.Time `json:"until,omitzero"`
	Locked      bool      `json:"locked"`
}

// status is the answer to opStatus.
func (s *server) status() (frame, error) {
	s.vault.mu.Lock()
	defer s.vault.mu.Unlock()
	return s.describe()
}

// stop is the answer to opStop: what was kept until now. The process goes once that is told.
func (s *server) stop() (frame, error) {
	s.vault.mu.Lock()
	defer s.vault.mu.Unlock()
	if s.vault.ended {
		return frame{}, errEnded
	}
	answer, err := s.describe()
	s.vault.ended = true
	s.vault.forget()
	return answer, err
}

// describe wants the vault's mutex held.
func (s *server) describe() (frame, error) {
	w := s.vault.summary()
	w.PID, w.Since = os.Getpid(), s.since
	value, err := json.Marshal(w)
	return frame{op: opFound, value: value}, err
}

// summary wants the mutex held.
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
