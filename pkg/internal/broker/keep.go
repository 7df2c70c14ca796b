package broker

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// storedVersion stands in every record; a record of another version counts as none.
const storedVersion = 1

// grantRecord is a grant as it is stored. The keyring's has the refresh token and whose it is, for a
// renewal must come back for the same person; the short-lived tokens are in memory alone.
type grantRecord struct {
	Version int `json:"v"`
	// Generation and Sequence order the records: see newer.
	Generation    int64         `json:"g,omitempty"`
	Sequence      int64         `json:"n,omitempty"`
	Issuer        string        `json:"iss,omitempty"`
	Subject       string        `json:"sub,omitempty"`
	Audience      []string      `json:"aud,omitempty"`
	Email         string        `json:"email,omitempty"`
	ID            string        `json:"id,omitempty"`
	Access        string        `json:"access,omitempty"`
	Refresh       string        `json:"refresh,omitempty"`
	RefreshExpiry time.Time     `json:"refresh_expiry,omitzero"`
	Scopes        []string      `json:"scopes,omitempty"`
	WithoutScope  bool          `json:"without_scope,omitempty"`
	NoIDToken     bool          `json:"no_id_token,omitempty"` // on refresh
	ClockOffset   time.Duration `json:"clock_offset,omitempty"`
}

// keptCredential returns the credential in memory, or none: whatever ails the memory, there is a way
// on without it.
func (b *Broker) keptCredential(ctx context.Context) credential.Credential {
	if b.Memory == nil {
		return credential.Credential{}
	}
	record, err := b.Memory.Get(ctx, b.CredentialKey)
	if err != nil {
		return credential.Credential{}
	}
	return credential.FromRecord(record)
}

// keepCredential keeps what came of that generation's sign-in, unless that is over meanwhile: the error
// is then errSignedOut. No other is in the way.
func (b *Broker) keepCredential(ctx context.Context, c credential.Credential, generation int64) error {
	if b.record(ctx, b.Memory).Generation > generation {
		return errSignedOut
	}
	if err := b.note(ctx); err != nil { // told at the sign-in: this is each hour
		b.step(err.Error())
	}
	if b.Memory == nil {
		return nil
	}
	b.warn(b.Memory.Put(ctx, b.CredentialKey, c.Record(), c.Expiration))
	return nil
}

// records reads the two stores.
func (b *Broker) records(ctx context.Context) (memory, ring grantRecord) {
	return b.record(ctx, b.Memory), b.record(ctx, b.Keyring)
}

// record is what a store has of this login; one that is missing or unreadable is older than any.
func (b *Broker) record(ctx context.Context, store Store) grantRecord {
	if store == nil {
		return grantRecord{}
	}
	value, err := store.Get(ctx, b.LoginKey)
	if err != nil {
		return grantRecord{}
	}
	return decodeRecord(value)
}

func decodeRecord(value []byte) grantRecord {
	var r grantRecord
	if value == nil || json.Unmarshal(value, &r) != nil || r.Version != storedVersion {
		return grantRecord{}
	}
	return r
}

// keptGrant is the newest grant that is kept, and its generation: what is done with the grant later is done
// under that.
func (b *Broker) keptGrant(ctx context.Context) (kept identity.Grant, generation int64) {
	return newest(b.records(ctx))
}

// newest puts together what memory and keyring hold of the newest grant.
func newest(memory, ring grantRecord) (kept identity.Grant, generation int64) {
	r := memory
	switch {
	case ring.newer(memory): // memory's tokens may be another person's
		r = ring
	case !memory.newer(ring) && ring.Refresh != "" && ring.Subject == memory.Subject:
		r.Refresh, r.RefreshExpiry = ring.Refresh, ring.RefreshExpiry
	}
	return r.grant(), r.Generation
}

func (r grantRecord) grant() identity.Grant {
	grant := identity.Grant{
		ID: identity.Token{Claims: identity.Claims{Issuer: r.Issuer, Subject: r.Subject,
			Audience: r.Audience, Email: r.Email}},
		Access: secret.New(r.Access), Refresh: secret.New(r.Refresh),
		RefreshExpiry: r.RefreshExpiry, ClockOffset: r.ClockOffset,
		Scopes: r.Scopes, RefreshWithoutScope: r.WithoutScope, NoIDTokenOnRefresh: r.NoIDToken,
	}
	if token, err := identity.ParseToken(r.ID); err == nil {
		grant.ID = token
	}
	return grant
}

// keepGrant stores the refresh token before anything else is done with the grant: with rotation, the
// one before it is dead already. It goes to the keyring, and to memory only where there is none. What came
// of a sign-in that is over meanwhile is not kept but revoked, and the error is errSignedOut; no other is
// in the way.
func (b *Broker) keepGrant(ctx context.Context, grant identity.Grant, generation int64) error {
	memory, ring := b.records(ctx)
	if max(memory.Generation, ring.Generation) > generation {
		b.warn(b.Source.Revoke(ctx, grant))
		return errSignedOut
	}
	b.grant = grant
	claims := grant.ID.Claims
	record := grantRecord{
		Version: storedVersion, Generation: generation, Sequence: max(memory.Sequence, ring.Sequence) + 1,
		Issuer: claims.Issuer, Subject: claims.Subject, Audience: claims.Audience, Email: claims.Email,
		Refresh: grant.Refresh.Reveal(), RefreshExpiry: grant.RefreshExpiry, ClockOffset: grant.ClockOffset,
		Scopes: grant.Scopes, WithoutScope: grant.RefreshWithoutScope, NoIDToken: grant.NoIDTokenOnRefresh,
	}
	inKeyring := false
	if b.Keyring != nil && record.Refresh != "" {
		err := write(ctx, b.Keyring, b.LoginKey, grant.RefreshExpiry, record)
		inKeyring = err == nil
		if err != nil && memory.Refresh == "" { // said once, not at each renewal
			b.warn(&NotInKeyringError{err})
		}
	}
	if !inKeyring && ring.Sequence > 0 { // an older sign-in there would come back when memory forgets this one
		b.warn(b.delete(ctx, b.Keyring))
	}
	until := grant.RefreshExpiry
	if inKeyring || record.Refresh == "" {
		record.Refresh, until = "", grant.IDExpiry()
	}
	record.ID = grant.ID.Raw.Reveal()
	if grant.Refresh.IsZero() { // it serves to sign out, where there is no refresh token to revoke
		record.Access = grant.Access.Reveal()
	}
	if b.Memory != nil && record.ID+record.Refresh != "" {
		b.warn(write(ctx, b.Memory, b.LoginKey, until, record))
	}
	if generation > max(memory.Generation, ring.Generation) { // a sign-in, not its renewal
		b.warn(b.note(ctx))
	}
	return nil
}

// note tells the index of this login and credential.
func (b *Broker) note(ctx context.Context) error {
	if b.Index == nil {
		return nil
	}
	return b.Index.Note(ctx)
}

// forgetRefresh deletes the refresh token that the IdP refused, and only that one.
func (b *Broker) forgetRefresh(ctx context.Context, refused identity.Grant) {
	memory, ring := b.records(ctx)
	if secret.New(ring.Refresh).Equal(refused.Refresh) {
		b.warn(b.delete(ctx, b.Keyring))
	}
	if secret.New(memory.Refresh).Equal(refused.Refresh) {
		memory.Refresh, memory.RefreshExpiry = "", time.Time{}
		until := refused.IDExpiry()
		if until.IsZero() {
			until = b.Now().Add(tombstoneLife)
		}
		b.warn(write(ctx, b.Memory, b.LoginKey, until, memory))
	}
}

func (b *Broker) forgetMemory(ctx context.Context) { b.warn(b.delete(ctx, b.Memory)) }

func (b *Broker) delete(ctx context.Context, store Store) error {
	if store == nil {
		return nil
	}
	return store.Delete(ctx, b.LoginKey)
}

func write(ctx context.Context, store Store, key string, until time.Time, record any) error {
	value, err := json.Marshal(record)
	if err != nil {
		return errors.New("encoding a record") // not the cause: it could quote the record
	}
	return store.Put(ctx, key, value, until)
}
