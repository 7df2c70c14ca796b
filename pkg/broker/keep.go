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
	// Sequence counts the grants of a login: the newest record of memory and keyring wins, for a write
	// to a slow keyring may land late.
	Sequence      int64     `json:"n"`
	Issuer        string    `json:"iss,omitempty"`
	Subject       string    `json:"sub,omitempty"`
	Audience      []string  `json:"aud,omitempty"`
	Email         string    `json:"email,omitempty"`
	ID            string    `json:"id,omitempty"`
	Access        string    `json:"access,omitempty"`
	Refresh       string    `json:"refresh,omitempty"`
	RefreshExpiry time.Time `json:"refresh_expiry,omitzero"`
}

// credentialRecord is a credential as it is stored, in memory alone.
type credentialRecord struct {
	Version         int       `json:"v"`
	AccessKeyID     string    `json:"key"`
	SecretAccessKey string    `json:"secret"`
	SessionToken    string    `json:"token,omitempty"`
	Issued          time.Time `json:"issued"`
	Expiration      time.Time `json:"expiration"`
	ARN             string    `json:"arn,omitempty"`
	UserID          string    `json:"user_id,omitempty"`
	Subject         string    `json:"sub,omitempty"`
	Audience        string    `json:"aud,omitempty"`
	Provider        string    `json:"provider,omitempty"`
	SourceIdentity  string    `json:"source_identity,omitempty"`
	IdentityID      string    `json:"identity_id,omitempty"`
}

// keptCredential returns the credential in memory, or none: whatever ails the memory, there is a way
// on without it.
func (b *Broker) keptCredential(ctx context.Context) credential.Credential {
	var r credentialRecord
	if !read(ctx, b.Memory, b.CredentialKey, &r) || r.Version != storedVersion {
		return credential.Credential{}
	}
	return credential.Credential{
		AccessKeyID: r.AccessKeyID, SecretAccessKey: secret.New(r.SecretAccessKey),
		SessionToken: secret.New(r.SessionToken), Issued: r.Issued, Expiration: r.Expiration,
		Principal: credential.Principal{ARN: r.ARN, UserID: r.UserID},
		Subject:   r.Subject, Audience: r.Audience, Provider: r.Provider,
		SourceIdentity: r.SourceIdentity, IdentityID: r.IdentityID,
	}
}

func (b *Broker) keepCredential(ctx context.Context, c credential.Credential) {
	if b.Memory == nil {
		return
	}
	b.warn(write(ctx, b.Memory, b.CredentialKey, c.Expiration, credentialRecord{
		Version: storedVersion, AccessKeyID: c.AccessKeyID,
		SecretAccessKey: c.SecretAccessKey.Reveal(), SessionToken: c.SessionToken.Reveal(),
		Issued: c.Issued, Expiration: c.Expiration, ARN: c.Principal.ARN, UserID: c.Principal.UserID,
		Subject: c.Subject, Audience: c.Audience, Provider: c.Provider,
		SourceIdentity: c.SourceIdentity, IdentityID: c.IdentityID,
	}))
}

// records reads the two stores.
func (b *Broker) records(ctx context.Context) (memory, ring grantRecord) {
	return b.record(ctx, b.Memory), b.record(ctx, b.Keyring)
}

// record is what a store has of this login; one that is missing or unreadable has sequence 0.
func (b *Broker) record(ctx context.Context, store Store) grantRecord {
	var r grantRecord
	if !read(ctx, store, b.LoginKey, &r) || r.Version != storedVersion {
		return grantRecord{}
	}
	return r
}

// keptGrant puts together what memory and keyring hold of the newest grant.
func (b *Broker) keptGrant(ctx context.Context) identity.Grant {
	memory, ring := b.records(ctx)
	newest := memory
	switch {
	case ring.Sequence > memory.Sequence: // memory's tokens may be another person's
		newest = ring
	case ring.Sequence == memory.Sequence && ring.Refresh != "":
		newest.Refresh, newest.RefreshExpiry = ring.Refresh, ring.RefreshExpiry
	}
	grant := identity.Grant{
		ID: identity.Token{Claims: identity.Claims{Issuer: newest.Issuer, Subject: newest.Subject,
			Audience: newest.Audience, Email: newest.Email}},
		Access: secret.New(newest.Access), Refresh: secret.New(newest.Refresh),
		RefreshExpiry: newest.RefreshExpiry,
	}
	if token, err := identity.ParseToken(newest.ID); err == nil {
		grant.ID = token
	}
	return grant
}

// keepGrant stores the refresh token before anything else is done with the grant: with rotation, the
// one before it is dead already. It goes to the keyring, and to memory only where there is none.
func (b *Broker) keepGrant(ctx context.Context, grant identity.Grant) {
	b.grant = grant
	memory, ring := b.records(ctx)
	claims := grant.ID.Claims
	record := grantRecord{
		Version: storedVersion, Sequence: max(memory.Sequence, ring.Sequence) + 1,
		Issuer: claims.Issuer, Subject: claims.Subject, Audience: claims.Audience, Email: claims.Email,
		Refresh: grant.Refresh.Reveal(), RefreshExpiry: grant.RefreshExpiry,
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
		record.Refresh, until = "", grant.ID.Claims.Expiry
	}
	record.ID = grant.ID.Raw.Reveal()
	if grant.Refresh.IsZero() { // it serves to sign out, where there is no refresh token to revoke
		record.Access = grant.Access.Reveal()
	}
	if b.Memory != nil && record.ID+record.Refresh != "" {
		b.warn(write(ctx, b.Memory, b.LoginKey, until, record))
	}
}

// forgetRefresh deletes the refresh token that the IdP refused, and only that one.
func (b *Broker) forgetRefresh(ctx context.Context, refused identity.Grant) {
	memory, ring := b.records(ctx)
	if secret.New(ring.Refresh).Equal(refused.Refresh) {
		b.warn(b.delete(ctx, b.Keyring))
	}
	if secret.New(memory.Refresh).Equal(refused.Refresh) {
		memory.Refresh, memory.RefreshExpiry = "", time.Time{}
		b.warn(write(ctx, b.Memory, b.LoginKey, refused.ID.Claims.Expiry, memory))
	}
}

func (b *Broker) forgetMemory(ctx context.Context) { b.warn(b.delete(ctx, b.Memory)) }

func (b *Broker) delete(ctx context.Context, store Store) error {
	if store == nil {
		return nil
	}
	return store.Delete(ctx, b.LoginKey)
}

func read(ctx context.Context, store Store, key string, into any) bool {
	if store == nil {
		return false
	}
	value, err := store.Get(ctx, key)
	return err == nil && value != nil && json.Unmarshal(value, into) == nil
}

func write(ctx context.Context, store Store, key string, until time.Time, record any) error {
	value, err := json.Marshal(record)
	if err != nil {
		return errors.New("encoding a record") // not the cause: it could quote the record
	}
	return store.Put(ctx, key, value, until)
}
