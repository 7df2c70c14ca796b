package broker

import (
	"context"
	"encoding/json"

	"github.com/daypass/daypass/pkg/identity"
)

// Stored is what memory and keyring hold of a login.
type Stored struct {
	// Grant is the newest; the zero Grant when nobody is signed in, and for a guest.
	Grant identity.Grant
	// InMemory and InKeyring say where the refresh token or a guest's identity ID is stored, which gets new
	// credentials without a browser.
	InMemory, InKeyring bool
	// KeyringErr says why the keyring did not answer.
	KeyringErr error
}

// SignedIn reports whether a refresh token, an ID token or a guest's identity ID is stored.
func (s Stored) SignedIn() bool { return s.InMemory || s.InKeyring || !s.Grant.ID.IsZero() }

// Renews reports whether new credentials can be expected without a browser once the ID token has expired.
func (s Stored) Renews() bool { return (s.InMemory || s.InKeyring) && !s.Grant.NoIDTokenOnRefresh }

// IsSignIn reports whether a stored record of a login is enough to get a credential. The mark of a sign-out is not, and
// neither is a record whose refresh token was refused. IsSignIn copies no token out of the record.
func IsSignIn(record []byte) bool {
	var r struct {
		ID      present `json:"id"`
		Refresh present `json:"refresh"`
	}
	if json.Unmarshal(record, &r) != nil {
		return true // a guest's identity ID is not JSON
	}
	return bool(r.ID || r.Refresh)
}

// present notes that a JSON object has a member, whatever its value is.
type present bool

// UnmarshalJSON implements json.Unmarshaler.
func (p *present) UnmarshalJSON([]byte) error {
	*p = true
	return nil
}

// Stored reads the stores. It takes no lock, changes nothing and sends no request.
func (p *PersonSession) Stored(ctx context.Context) Stored {
	var s Stored
	var inKeyring []byte
	if p.Keyring != nil {
		inKeyring, s.KeyringErr = p.Keyring.Get(ctx, p.LoginKey)
	}
	memory, ring := p.record(ctx, p.Memory), decodeRecord(inKeyring)
	s.Grant, _ = newest(memory, ring)
	if refresh := s.Grant.Refresh.Reveal(); refresh != "" {
		s.InKeyring = refresh == ring.Refresh
		s.InMemory = !s.InKeyring
	}
	if s.Grant.ID.IsZero() && s.Grant.Refresh.IsZero() {
		s.Grant = identity.Grant{}
	}
	return s
}

// holds reports whether the store has anything under that key.
func holds(ctx context.Context, store Store, key string) bool {
	if store == nil {
		return false
	}
	value, err := store.Get(ctx, key)
	return err == nil && value != nil
}
