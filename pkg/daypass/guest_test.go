package daypass

import (
	"context"
	"errors"
	"testing"
	"time"
)

// store is a broker.Store of a map; err makes it fail.
type store struct {
	values map[string][]byte
	puts   int
	err    error
}

func (s *store) Get(_ context.Context, key string) ([]byte, error) { return s.values[key], s.err }

func (s *store) Put(_ context.Context, key string, value []byte, _ time.Time) error {
	if s.err == nil {
		s.values[key] = value
		s.puts++
	}
	return s.err
}

func (s *store) Delete(_ context.Context, key string) error {
	delete(s.values, key)
	return s.err
}

// A guest's identity ID rests in the keyring, in memory only for want of one, and is written once.
func TestGuestID(t *testing.T) {
	t.Parallel()
	const id = "us-east-1:x"
	for _, row := range []struct {
		name              string
		fault             error
		keyring, inMemory int
	}{{"keyring", nil, 1, 0}, {"no keyring", errors.New("locked"), 0, 1}} {
		keyring, memory := &store{values: map[string][]byte{}, err: row.fault}, &store{values: map[string][]byte{}}
		g := &guestID{keyring: keyring, memory: memory, key: "login/x"}
		for range 2 {
			if err := g.Put(t.Context(), "any", []byte(id), time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := g.Get(t.Context(), "any"); err != nil || string(got) != id {
			t.Errorf("%s: Get = %q, %v", row.name, got, err)
		}
		if keyring.puts != row.keyring || memory.puts != row.inMemory {
			t.Errorf("%s: %d writes to the keyring, %d to memory; want %d, %d", row.name, keyring.puts, memory.puts, row.keyring, row.inMemory)
		}
	}
	nowhere := &guestID{keyring: &store{err: errors.New("locked")}, key: "login/x"}
	if err := nowhere.Put(t.Context(), "any", []byte(id), time.Time{}); err == nil {
		t.Error("kept nowhere, and said nothing")
	}
}
