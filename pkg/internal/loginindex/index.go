// Package index answers: which logins are there on this machine?
//
// Keyrings cannot be listed and the agent tells nobody its keys, so a small file names the logins, for
// who wants to see them or to end them all. It holds no secret and nothing of the person but the hint
// that the profile has, and nothing depends on it: where it cannot be written, a login is not in it.
package loginindex

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/daypass/daypass/pkg/internal/lock"
)

const (
	// maxLogins and maxCredentials (of one login) bound the file; the oldest go first.
	maxLogins      = 256
	maxCredentials = 64
	// signedOutLife is how long a login is still named after it was signed out of.
	signedOutLife = 30 * 24 * time.Hour
	// patience is how long to wait for another process that writes.
	patience = time.Second
)

// Login is one login and what it takes to end it.
type Login struct {
	// Key is under which it is kept.
	Key string
	// Issuer, ClientID, LoginHint and Scopes are the profile's.
	Issuer, ClientID, LoginHint string
	Scopes                      []string
	// IdentityPoolID is that of a guest, whose login is the pool's, and Endpoint where the pool is; both are
	// "" for a person's login.
	IdentityPoolID, Endpoint string
	// SignedOut is when it was signed out of, zero while it is not.
	SignedOut time.Time
	// Credentials are those that it was used for, the oldest first.
	Credentials []Credential
}

// Credential is what a profile makes of a login.
type Credential struct {
	// Key is under which it is kept.
	Key string
	// Profile is "" where there were only flags and variables.
	Profile string
	// RoleARN or IdentityPoolID say what it becomes.
	RoleARN, IdentityPoolID string
}

// File is the index in a directory. It may be used by several goroutines and processes at once.
type File struct {
	// Dir is the user's own and is made (mode 0700) when there is something to write.
	Dir string
	Now func() time.Time
}

// Logins returns the logins in the order in which they came; none where there is no file.
func (f *File) Logins() ([]Login, error) {
	logins, err := f.read()
	if err != nil {
		return nil, fmt.Errorf("reading the index of logins: %w", err)
	}
	return logins, nil
}

// Note sees to it that the login is in the index, with its credentials beside those that are there, and
// not as signed out. What is there already is not written again.
func (f *File) Note(ctx context.Context, login Login) error {
	if logins, err := f.read(); err == nil && slices.ContainsFunc(logins, login.isIn) {
		return nil
	}
	return f.change(ctx, func(logins []Login) []Login {
		i := slices.IndexFunc(logins, login.sameAs)
		if i < 0 {
			return append(logins, login)
		}
		credentials := logins[i].Credentials
		for _, c := range login.Credentials {
			if !slices.Contains(credentials, c) {
				credentials = append(credentials, c)
			}
		}
		logins[i], logins[i].Credentials = login, credentials
		return logins
	})
}

// SignedOut notes that somebody signed out of that login; one that is not in the index stays out.
func (f *File) SignedOut(ctx context.Context, key string) error {
	if logins, err := f.read(); err == nil && !slices.ContainsFunc(logins, Login{Key: key}.sameAs) {
		return nil
	}
	return f.change(ctx, func(logins []Login) []Login {
		if i := slices.IndexFunc(logins, Login{Key: key}.sameAs); i >= 0 {
			logins[i].SignedOut, logins[i].Credentials = f.Now().UTC().Truncate(time.Second), nil
		}
		return logins
	})
}

// Remove takes these logins out.
func (f *File) Remove(ctx context.Context, keys ...string) error {
	isOne := func(l Login) bool { return slices.Contains(keys, l.Key) }
	if logins, err := f.read(); err == nil && !slices.ContainsFunc(logins, isOne) {
		return nil
	}
	return f.change(ctx, func(logins []Login) []Login { return slices.DeleteFunc(logins, isOne) })
}

func (l Login) sameAs(other Login) bool { return l.Key == other.Key }

// isIn reports whether there is nothing to add to what the index has.
func (l Login) isIn(there Login) bool {
	return l.Key == there.Key && there.SignedOut.IsZero() &&
		!slices.ContainsFunc(l.Credentials, func(c Credential) bool { return !slices.Contains(there.Credentials, c) })
}

// change rewrites the file under a lock of its own, which nobody holds for longer than that takes.
func (f *File) change(ctx context.Context, change func([]Login) []Login) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err := f.changeLocked(ctx, change)
	if err != nil {
		return fmt.Errorf("writing the index of logins: %w", err)
	}
	return nil
}

func (f *File) changeLocked(ctx context.Context, change func([]Login) []Login) error {
	if err := f.makeDir(); err != nil {
		return err
	}
	release, err := lock.Acquire(ctx, filepath.Join(f.Dir, lockName))
	if err != nil {
		return err
	}
	defer release()
	logins, err := f.read()
	if err != nil {
		return err
	}
	return f.write(f.bounded(change(logins)))
}

// bounded drops what is out of date, then what is too much: of that the oldest, those signed out of first.
func (f *File) bounded(logins []Login) []Login {
	logins = slices.DeleteFunc(logins, func(l Login) bool {
		return !l.SignedOut.IsZero() && f.Now().Sub(l.SignedOut) > signedOutLife
	})
	for len(logins) > maxLogins {
		i := max(0, slices.IndexFunc(logins, func(l Login) bool { return !l.SignedOut.IsZero() }))
		logins = slices.Delete(logins, i, i+1)
	}
	for i := range logins {
		if extra := len(logins[i].Credentials) - maxCredentials; extra > 0 {
			logins[i].Credentials = logins[i].Credentials[extra:]
		}
	}
	return logins
}
