package daypass

import (
	"context"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/internal/broker"
)

// store is a broker.Store in a map.
type store struct{ values map[string][]byte }

func (s *store) Get(_ context.Context, key string) ([]byte, error) { return s.values[key], nil }

func (s *store) Put(_ context.Context, key string, value []byte, _ time.Time) error {
	s.values[key] = value
	return nil
}

func (s *store) Delete(_ context.Context, key string) error {
	delete(s.values, key)
	return nil
}

// withMemory makes the client's session use that memory and no keyring.
func (c *Client) withMemory(t *testing.T, memory *store) *broker.PersonSession {
	t.Helper()
	p, ok := c.session.(*broker.PersonSession)
	if !ok {
		t.Fatal("a guest's client")
	}
	p.Memory, p.Keyring, c.broker.Memory = memory, nil, memory
	return p
}
