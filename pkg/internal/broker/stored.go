package broker

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// storedVersion is in every record; a record of another version is ignored.
const storedVersion = 1

// grantRecord is a grant as it is stored. The keyring's has the refresh token and whose it is, because a renewal
// must return the same person; the short-lived tokens are only in memory.
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

// records reads the two stores.
func (p *PersonSession) records(ctx context.Context) (memory, ring grantRecord) {
	return p.record(ctx, p.Memory), p.record(ctx, p.Keyring)
}

// record returns a store's record of this login. A missing or unreadable record is older than any other.
func (p *PersonSession) record(ctx context.Context, store Store) grantRecord {
	if store == nil {
		return grantRecord{}
	}
	value, err := store.Get(ctx, p.LoginKey)
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

// storedGrant returns the newest stored grant and its generation.
func (p *PersonSession) storedGrant(ctx context.Context) (stored identity.Grant, generation int64) {
	return newest(p.records(ctx))
}

// newest combines what memory and keyring hold of the newest grant.
func newest(memory, ring grantRecord) (stored identity.Grant, generation int64) {
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

// storeGrant stores the refresh token before anything else is done with the grant, because rotation has voided the
// previous one. It goes to the keyring, and to memory only if there is no keyring. A grant whose
// sign-in has ended meanwhile is revoked instead, and the error is errSignedOut; there is no other error.
func (p *PersonSession) storeGrant(ctx context.Context, grant identity.Grant, generation int64) error {
	memory, ring := p.records(ctx)
	if max(memory.Generation, ring.Generation) > generation {
		p.warn(p.IdP.Revoke(ctx, grant))
		return errSignedOut
	}
	p.grant = grant
	claims := grant.ID.Claims
	record := grantRecord{
		Version: storedVersion, Generation: generation, Sequence: max(memory.Sequence, ring.Sequence) + 1,
		Issuer: claims.Issuer, Subject: claims.Subject, Audience: claims.Audience, Email: claims.Email,
		Refresh: grant.Refresh.Reveal(), RefreshExpiry: grant.RefreshExpiry, ClockOffset: grant.ClockOffset,
		Scopes: grant.Scopes, WithoutScope: grant.RefreshWithoutScope, NoIDToken: grant.NoIDTokenOnRefresh,
	}
	inKeyring := false
	if p.Keyring != nil && record.Refresh != "" {
		err := write(ctx, p.Keyring, p.LoginKey, grant.RefreshExpiry, record)
		inKeyring = err == nil
		if err != nil && memory.Refresh == "" { // reported once, not at each renewal
			p.warn(&NotInKeyringError{err})
		}
	}
	if !inKeyring && ring.Sequence > 0 { // an older sign-in there would count again once memory has lost this one
		p.warn(p.delete(ctx, p.Keyring))
	}
	until := grant.RefreshExpiry
	if inKeyring || record.Refresh == "" {
		record.Refresh, until = "", grant.IDExpiry()
	}
	record.ID = grant.ID.Raw.Reveal()
	if grant.Refresh.IsZero() { // it is revoked at sign-out when there is no refresh token
		record.Access = grant.Access.Reveal()
	}
	if p.Memory != nil && record.ID+record.Refresh != "" {
		p.warn(write(ctx, p.Memory, p.LoginKey, until, record))
	}
	if generation > max(memory.Generation, ring.Generation) { // a sign-in, not its renewal
		p.warn(p.note(ctx))
	}
	return nil
}

// deleteRefused deletes the refresh token that the IdP refused, and only that one.
func (p *PersonSession) deleteRefused(ctx context.Context, refused identity.Grant) {
	memory, ring := p.records(ctx)
	if secret.New(ring.Refresh).Equal(refused.Refresh) {
		p.warn(p.delete(ctx, p.Keyring))
	}
	if secret.New(memory.Refresh).Equal(refused.Refresh) {
		memory.Refresh, memory.RefreshExpiry = "", time.Time{}
		until := refused.IDExpiry()
		if until.IsZero() {
			until = p.Now().Add(markLife)
		}
		p.warn(write(ctx, p.Memory, p.LoginKey, until, memory))
	}
}

// delete deletes the login's key and everything below it.
func (p *PersonSession) delete(ctx context.Context, store Store) error {
	return deleteKey(ctx, store, p.LoginKey)
}

func deleteKey(ctx context.Context, store Store, key string) error {
	if store == nil {
		return nil
	}
	return store.Delete(ctx, key)
}

func write(ctx context.Context, store Store, key string, until time.Time, record any) error {
	value, err := json.Marshal(record)
	if err != nil {
		return errors.New("encoding a record") // without the cause, which could quote the record
	}
	return store.Put(ctx, key, value, until)
}
