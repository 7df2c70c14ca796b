// Package keyring stores secrets in the keyring of the operating system: Keychain on macOS, Credential Manager on
// Windows, the Secret Service elsewhere.
//
// Any of them can be absent, locked, slow or too small. Each call has a time limit, and callers continue without the
// keyring when it fails.
package keyring

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zalando/go-keyring"
)

// Store stores values under one service name of the OS keyring. Every field may be zero. A Store must not be copied
// after its first call.
type Store struct {
	// Service is the name of the program that the keyring shows to the user.
	Service string
	// Timeout bounds each call; zero means 3 s. A call takes longer if the OS shows a prompt, for example.
	Timeout time.Duration
	// BusAddress is $DBUS_SESSION_BUS_ADDRESS. It is used with the Secret Service. If it is empty and the user's
	// bus is not in its usual place, there is no keyring, and no bus is started.
	BusAddress string
	// SealDir is the directory for values that are too big for the keyring. Each is encrypted in a file, and the
	// keyring holds its key. The directory is created when it is needed (mode 0700). If SealDir is empty, such
	// values are refused with ErrTooBig.
	SealDir string
	// Limit is the largest entry in bytes; zero means the known limit of this platform.
	Limit int

	backend backend // nil: the operating system's
	calls   oneAtATime
}

// backend is the part of go-keyring that a Store uses.
type backend interface {
	Get(service, key string) (string, error)
	Set(service, key, value string) error
	Delete(service, key string) error
}

// The first byte of an entry is the encoding of the rest: plain text, or base64 for everything else. Plain text
// takes a quarter less space, which matters in small keyrings. With asSealed the value is in a file.
const (
	asText   = "t"
	asBase64 = "b"
)

// Get returns the value of that key. It returns nil when there is no such key.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	value, err := s.call(ctx, func(b backend) ([]byte, error) { return s.get(b, key) })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading from the OS keyring: %w", err)
	}
	return value, nil
}

// Put stores the value until it is deleted; the time is ignored, because keyrings have no expiry. Windows accepts
// about 2,500 bytes, macOS about 3,000, the Secret Service any number. Larger values are sealed in SealDir.
func (s *Store) Put(ctx context.Context, key string, value []byte, _ time.Time) error {
	_, err := s.call(ctx, func(b backend) ([]byte, error) { return nil, s.put(b, key, value) })
	if err != nil {
		return fmt.Errorf("writing to the OS keyring: %w", err)
	}
	return nil
}

// Delete deletes that key alone. It returns nil when there is no such key. A sealed file is removed even if the
// keyring fails.
func (s *Store) Delete(ctx context.Context, key string) error {
	_, err := s.call(ctx, func(b backend) ([]byte, error) {
		before := s.previousSealed(b, key)
		err := b.Delete(s.Service, key)
		before.remove()
		return nil, err
	})
	s.removeSealed(key)
	if err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return fmt.Errorf("deleting from the OS keyring: %w", err)
	}
	return nil
}

func encode(value []byte) string {
	if utf8.Valid(value) && !strings.ContainsRune(string(value), 0) {
		return asText + string(value)
	}
	return asBase64 + base64.StdEncoding.EncodeToString(value)
}

// decode never quotes an entry that it cannot read, because it may contain a secret.
func decode(stored string) ([]byte, error) {
	if text, ok := strings.CutPrefix(stored, asText); ok {
		return []byte(text), nil
	}
	if coded, ok := strings.CutPrefix(stored, asBase64); ok {
		if value, err := base64.StdEncoding.DecodeString(coded); err == nil {
			return value, nil
		}
	}
	return nil, fmt.Errorf("%w: the entry was not written by daypass", errUnreadable)
}
