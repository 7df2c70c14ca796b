package broker

import (
	"context"
	"fmt"
	"time"
)

// A generation is all that comes of one sign-in: it begins with that and ends with the sign-out, or with the
// next sign-in. What is written carries it, so that what an older one left on its way (a renewal elsewhere, a
// write to the keyring that was given up and lands late) brings back nothing.

// errSignedOut says that the sign-in ended while something was made of it. Nobody is sent to a browser who
// has just signed out.
var errSignedOut = fmt.Errorf("signed out meanwhile: %w", ErrSignInNeeded)

// tombstoneLife is how long memory knows of a sign-out: longer than a sign-in waits for its person, and not
// for ever, for the agent stays as long as it keeps something.
const tombstoneLife = 10 * time.Minute

// nextGeneration is later than the one before, and later than any that both stores have lost: it is the
// time in milliseconds.
func (b *Broker) nextGeneration(before int64) int64 { return max(before+1, b.Now().UnixMilli()) }

// newer reports whether r is of a later generation than other, or later in the same one.
func (r grantRecord) newer(other grantRecord) bool {
	if r.Generation != other.Generation {
		return r.Generation > other.Generation
	}
	return r.Sequence > other.Sequence
}

// bury puts a tombstone in each store in place of the sign-in and of all that came of it: a record that says
// nothing but that the generations before it are over. The keyring's stays until the next sign-in.
func (b *Broker) bury(ctx context.Context, generation int64) (memoryErr, keyringErr error) {
	if memoryErr = b.delete(ctx, b.Memory); memoryErr == nil && b.Memory != nil {
		b.warn(write(ctx, b.Memory, b.LoginKey, b.Now().Add(tombstoneLife), tombstone(generation)))
	}
	return memoryErr, b.buryInKeyring(ctx, generation)
}

// buryInKeyring deletes where it cannot write.
func (b *Broker) buryInKeyring(ctx context.Context, generation int64) error {
	if b.Keyring == nil {
		return nil
	}
	err := write(ctx, b.Keyring, b.LoginKey, time.Time{}, tombstone(generation))
	if err != nil && b.delete(ctx, b.Keyring) == nil {
		return nil
	}
	return err
}

func tombstone(generation int64) grantRecord {
	return grantRecord{Version: storedVersion, Generation: generation}
}

// buryLate does away with a refresh token in the keyring whose generation is over: its write landed after
// the end.
func (b *Broker) buryLate(ctx context.Context, ring grantRecord, generation int64) error {
	if ring.Refresh == "" || ring.Generation >= generation {
		return nil
	}
	return b.buryInKeyring(ctx, generation)
}

// signedOutSince reports whether the person signed out after that generation: who has just done so is not
// sent to a browser, and a sign-in that began before does not count.
func (b *Broker) signedOutSince(ctx context.Context, before int64) bool {
	if b.Attempts != nil && b.Attempts.SignedOut() > before {
		return true
	}
	r := b.quick(ctx)
	return r.Generation > before && r.Subject == "" && r.ID == "" && r.Refresh == ""
}

// generationBefore is later than every sign-out that has been: by the clock too, for an agent that stalls
// just now knows of none.
func (b *Broker) generationBefore(ctx context.Context) int64 {
	before := max(b.quick(ctx).Generation, b.Now().UnixMilli()-1)
	if b.Attempts != nil {
		before = max(before, b.Attempts.SignedOut())
	}
	return before
}

// quick is the record of the store that answers at once, where there is one.
func (b *Broker) quick(ctx context.Context) grantRecord {
	if b.Memory != nil {
		return b.record(ctx, b.Memory)
	}
	return b.record(ctx, b.Keyring)
}
