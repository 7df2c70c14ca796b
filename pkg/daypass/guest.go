package daypass

import (
	"bytes"
	"context"
	"time"

	"github.com/daypass/daypass/pkg/internal/broker"
)

// guestID keeps a guest's identity ID where a refresh token would be: it alone buys credentials, so it
// rests in the keyring, and in memory where there is none. It lies under the login's own key, so that
// signing out forgets it.
type guestID struct {
	keyring, memory broker.Store // memory may be nil
	key             string
}

// Get implements exchange.IdentityIDs; the exchange's own name for it is not needed.
func (g *guestID) Get(ctx context.Context, _ string) ([]byte, error) {
	if id, err := g.keyring.Get(ctx, g.key); err == nil && id != nil {
		return id, nil
	}
	if g.memory == nil {
		return nil, nil
	}
	return g.memory.Get(ctx, g.key)
}

// Put implements exchange.IdentityIDs.
func (g *guestID) Put(ctx context.Context, name string, id []byte, until time.Time) error {
	if kept, err := g.Get(ctx, name); err == nil && bytes.Equal(kept, id) {
		return nil
	}
	err := g.keyring.Put(ctx, g.key, id, until)
	if err == nil || g.memory == nil {
		return err
	}
	return g.memory.Put(ctx, g.key, id, until)
}
