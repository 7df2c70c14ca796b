package broker

import (
	"context"
	"fmt"
	"time"
)

// A generation begins with a sign-in and ends with the next sign-out or sign-in. Every stored record carries its
// generation, so that a late write of an older one (a renewal in another process, a write to the keyring that timed
// out and takes effect afterwards) restores nothing. A sign-out leaves a mark in each store: a record with nothing but
// the new generation.

// errSignedOut says that the sign-in ended while something was made of it. No browser opens right after a sign-out.
var errSignedOut = fmt.Errorf("signed out meanwhile: %w", ErrSignInNeeded)

// markLife is how long memory keeps the mark of a sign-out: longer than a sign-in waits for its person, and not
// forever, because the agent runs as long as it holds anything.
const markLife = 10 * time.Minute

// nextGeneration is the time in milliseconds, so that it is later than any generation that both stores have lost.
func (p *PersonSession) nextGeneration(before int64) int64 { return max(before+1, p.Now().UnixMilli()) }

// newer reports whether r is of a later generation than other, or later in the same one.
func (r grantRecord) newer(other grantRecord) bool {
	if r.Generation != other.Generation {
		return r.Generation > other.Generation
	}
	return r.Sequence > other.Sequence
}

// markSignedOut replaces the sign-in in each store, and its credentials, by a mark. The keyring's mark
// stays until the next sign-in.
func (p *PersonSession) markSignedOut(ctx context.Context, generation int64) (memoryErr, keyringErr error) {
	if memoryErr = p.delete(ctx, p.Memory); memoryErr == nil && p.Memory != nil {
		p.warn(write(ctx, p.Memory, p.LoginKey, p.Now().Add(markLife), signOutMark(generation)))
	}
	return memoryErr, p.markInKeyring(ctx, generation)
}

// markInKeyring deletes the entry if the mark cannot be written.
func (p *PersonSession) markInKeyring(ctx context.Context, generation int64) error {
	if p.Keyring == nil {
		return nil
	}
	err := write(ctx, p.Keyring, p.LoginKey, time.Time{}, signOutMark(generation))
	if err != nil && p.delete(ctx, p.Keyring) == nil {
		return nil
	}
	return err
}

func signOutMark(generation int64) grantRecord {
	return grantRecord{Version: storedVersion, Generation: generation}
}

// markLate replaces a refresh token in the keyring whose generation has ended: its write took effect after the end.
func (p *PersonSession) markLate(ctx context.Context, ring grantRecord, generation int64) error {
	if ring.Refresh == "" || ring.Generation >= generation {
		return nil
	}
	return p.markInKeyring(ctx, generation)
}

// signedOutSince reports whether the person signed out after that generation. Then no browser opens, and a sign-in
// that began before does not count.
func (p *PersonSession) signedOutSince(ctx context.Context, before int64) bool {
	if p.SignIns != nil && p.SignIns.SignedOut() > before {
		return true
	}
	r := p.quickRecord(ctx)
	return r.Generation > before && r.Subject == "" && r.ID == "" && r.Refresh == ""
}

// Generation implements Prompter. It is at least the current time, because an agent that does not answer at the moment
// reports no sign-out.
func (p *PersonSession) Generation(ctx context.Context) int64 {
	before := max(p.quickRecord(ctx).Generation, p.Now().UnixMilli()-1)
	if p.SignIns != nil {
		before = max(before, p.SignIns.SignedOut())
	}
	return before
}

// quickRecord returns the record of the faster store.
func (p *PersonSession) quickRecord(ctx context.Context) grantRecord {
	if p.Memory != nil {
		return p.record(ctx, p.Memory)
	}
	return p.record(ctx, p.Keyring)
}
