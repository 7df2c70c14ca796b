package broker

import (
	"context"
	"encoding/json"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
)

// Kept is what is kept of a login.
type Kept struct {
	// Grant is the newest; the zero Grant where nobody is signed in, and for a guest.
	Grant identity.Grant
	// InMemory and InKeyring say where that is which gets new credentials without a browser: the refresh
	// token, a guest's identity ID.
	InMemory, InKeyring bool
	// KeyringErr says why the keyring could not be asked.
	KeyringErr error
}

// SignedIn reports whether a refresh token, an ID token or a guest's identity ID is stored.
func (k Kept) SignedIn() bool { return k.InMemory || k.InKeyring || !k.Grant.ID.IsZero() }

// Renews reports whether new credentials can be expected without a browser once the ID token has expired.
func (k Kept) Renews() bool { return (k.InMemory || k.InKeyring) && !k.Grant.NoIDTokenOnRefresh }

// IsSignIn reports whether the record that a store has of a login is enough to get a credential with. The mark
// of a sign-out is not, nor is what remains after a refused refresh token. It copies no token out of the record.
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

// LookForCredential returns the kept credential, fresh or not; the zero Credential where there is none, or
// only an expired one.
func (b *Broker) LookForCredential(ctx context.Context) credential.Credential {
	if c := b.keptCredential(ctx); b.usable(c) {
		return c
	}
	return credential.Credential{}
}

// Look says what is kept of the login, from the stores alone: it waits for no lock, changes nothing and asks nobody else.
func (b *Broker) Look(ctx context.Context) Kept {
	var k Kept
	var inKeyring []byte
	if b.Keyring != nil {
		inKeyring, k.KeyringErr = b.Keyring.Get(ctx, b.LoginKey)
	}
	if b.Anonymous {
		k.InMemory, k.InKeyring = holds(ctx, b.Memory, b.LoginKey), inKeyring != nil
		return k
	}
	memory, ring := b.record(ctx, b.Memory), decodeRecord(inKeyring)
	k.Grant, _ = newest(memory, ring)
	if refresh := k.Grant.Refresh.Reveal(); refresh != "" {
		k.InKeyring = refresh == ring.Refresh
		k.InMemory = !k.InKeyring
	}
	if k.Grant.ID.IsZero() && k.Grant.Refresh.IsZero() {
		k.Grant = identity.Grant{}
	}
	return k
}
