// Package keyring answers: what can the operating system itself keep for us, out of every file?
//
// Keychain on macOS, Credential Manager on Windows, the Secret Service elsewhere. Any of them can be absent,
// locked, slow or too small, so each call has a limit, and its errors are to be worked around, not to
// fail a login.
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

// Store keeps values under one service name of the OS keyring. The zero values of its fields are of use;
// it must not be copied after its first call.
type Store struct {
	// Service names the program to whoever looks into the keyring.
	Service string
	// Timeout bounds each call; zero means 3 s. A prompt of the OS may be behind a call that takes longer.
	Timeout time.Duration
	// BusAddress is $DBUS_SESSION_BUS_ADDRESS. Where the Secret Service is used and this is empty, and
	// the user's bus is not in its usual place either, there is no keyring, and no bus gets started.
	BusAddress string
	// SealDir is where values rest that are too big for the keyring, each encrypted in a file whose key the
	// keyring holds. It is made when it is needed, as a directory of the user's own (0700). Empty: such
	// values are refused with ErrTooBig.
	SealDir string
	// Limit is how many bytes the keyring takes; zero means what is known of this platform's.
	Limit int

	backend backend // nil: the operating system's
	turn    turn
}

// backend is what go-keyring offers.
type backend interface {
	Get(service, key string) (string, error)
	Set(service, key, value string) error
	Delete(service, key string) error
}

// An entry says by its first byte how the rest is to be read: text as it is, for small keyrings hold a
// third more of it, anything else in base64. Of asSealed the value is elsewhere.
const (
	asText   = "t"
	asBase64 = "b"
)

// Get returns the value of that key; nil when there is none.
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

// Put keeps the value until it is deleted: keyrings know no expiry, so until is not looked at. Windows
// holds about 2,500 bytes, macOS about 3,000, the Secret Service any number; what is larger is sealed in
// SealDir.
func (s *Store) Put(ctx context.Context, key string, value []byte, _ time.Time) error {
	_, err := s.call(ctx, func(b backend) ([]byte, error) { return nil, s.put(b, key, value) })
	if err != nil {
		return fmt.Errorf("writing to the OS keyring: %w", err)
	}
	return nil
}

// Delete forgets that key alone; nothing there is no error. Whatever the keyring says, a sealed file goes.
func (s *Store) Delete(ctx context.Context, key string) error {
	_, err := s.call(ctx, func(b backend) ([]byte, error) {
		before := s.sealedBefore(b, key)
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

// decode never quotes what it could not read: it may be a secret all the same.
func decode(stored string) ([]byte, error) {
	if text, ok := strings.CutPrefix(stored, asText); ok {
		return []byte(text), nil
	}
	if coded, ok := strings.CutPrefix(stored, asBase64); ok {
		if value, err := base64.StdEncoding.DecodeString(coded); err == nil {
			return value, nil
		}
	}
	return nil, fmt.Errorf("%w: the entry is not in daypass's form", errUnreadable)
}
