package agent

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Status is what an agent says of itself: never a key, never a value.
type Status struct {
	PID   int
	Since time.Time
	// Values is how many it keeps, Until when the last of them expires: zero for none, or for one that is
	// kept until it is deleted.
	Values int
	Until  time.Time
	// Locked says that all memory for values is locked: it is never swapped out.
	Locked bool
}

// statusWire is Status in answers to opStatus and opStop.
type statusWire struct {
	PID    int       `json:"pid"`
	Since  time.Time `json:"since"`
	Values int       `json:"values"`
	Until  time.Time `json:"until,omitzero"`
	Locked bool      `json:"locked"`
}

// status is the answer to opStatus.
func (s *server) status() (frame, error) {
	s.vault.mu.Lock()
	defer s.vault.mu.Unlock()
	return s.describe()
}

// stop is the answer to opStop: what was kept until now. The process goes once that is told.
func (s *server) stop() (frame, error) {
	s.vault.lockToChange()
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
		if v.expired(e) {
			continue
		}
		w.Values++
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
		return Status{}, errOlder
	}
	if err := json.Unmarshal(answer.value, &w); err != nil {
		return Status{}, fmt.Errorf("reading the agent's status: %w", err)
	}
	return Status(w), nil
}
