// Package loginindex lists the logins on this machine in a small file, so that `status` can show all of them and
// `logout --all` can end them. Neither keyrings nor the agent can list their keys.
//
// The file contains no secret, and nothing about the person except the login hint of the profile. Sign-in continues
// even if the file cannot be written; that login is then missing from the list.
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
	// maxLogins and maxCredentials (per login) bound the file. The oldest are removed first.
	maxLogins      = 256
	maxCredentials = 64
	// signedOutLife is how long a login stays in the index after a sign-out.
	signedOutLife = 30 * 24 * time.Hour
	// lockTimeout bounds the wait for another process that writes.
	lockTimeout = time.Second
)

// Login is one login, with everything that a sign-out needs.
type Login struct {
	// Key is the login's key in the stores.
	Key string
	// Issuer, ClientID, LoginHint and Scopes are the profile's.
	Issuer, ClientID, LoginHint string
	Scopes                      []string
	// IdentityPoolID and Endpoint are the pool of a guest and its endpoint; both are "" for a person's login.
	IdentityPoolID, Endpoint string
	// SignedOut is the time of the sign-out; zero if there was none since the last sign-in.
	SignedOut time.Time
	// Credentials are the credentials that the login was used for, the oldest first.
	Credentials []Credential
}

// Credential is the credential of one profile.
type Credential struct {
	// Key is the credential's key in the stores.
	Key string
	// Profile is the profile's name; "" if only flags and variables were used.
	Profile string
	// RoleARN or IdentityPoolID is what the profile exchanges the login for.
	RoleARN, IdentityPoolID string
}

// File is the index in a directory. Several goroutines and processes may use it at once.
type File struct {
	// Dir is created (mode 0700) at the first write. It is not used if another user can write to it.
	Dir string
	Now func() time.Time
	// KeyOf derives a login's key from its other fields. An entry with another key is dropped.
	KeyOf func(Login) string
}

// Logins returns the logins in the order in which they were added; none if there is no file.
func (f *File) Logins() ([]Login, error) {
	logins, err := f.read()
	if err != nil {
		return nil, fmt.Errorf("reading the index of logins: %w", err)
	}
	return logins, nil
}

// Note adds the login to the index, or adds its credentials to those of the existing login and marks that as signed
// in. It writes nothing if the index has all of it already.
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

// SignedOut records a sign-out. It does nothing if the login is not in the index.
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

// Remove removes these logins.
func (f *File) Remove(ctx context.Context, keys ...string) error {
	hasKey := func(l Login) bool { return slices.Contains(keys, l.Key) }
	if logins, err := f.read(); err == nil && !slices.ContainsFunc(logins, hasKey) {
		return nil
	}
	return f.change(ctx, func(logins []Login) []Login { return slices.DeleteFunc(logins, hasKey) })
}

func (l Login) sameAs(other Login) bool { return l.Key == other.Key }

// isIn reports whether the index has this login and all its credentials already.
func (l Login) isIn(there Login) bool {
	return l.Key == there.Key && there.SignedOut.IsZero() &&
		!slices.ContainsFunc(l.Credentials, func(c Credential) bool { return !slices.Contains(there.Credentials, c) })
}

// change rewrites the file under its own lock, which is only held for that. It completes even if ctx has ended.
func (f *File) change(ctx context.Context, change func([]Login) []Login) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lockTimeout)
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

// bounded removes logins that were signed out long ago. If there are still too many, it removes the oldest ones, those
// that are signed out first.
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
