package keyring

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/zalando/go-keyring"
)

// put writes an entry: the value itself or, if that is too big, the key and name of the file that it is
// sealed in. Then the previous file is removed. Put may have given up by then, so all of this is one call:
// even a late one leaves a whole state behind.
func (s *Store) put(b backend, key string, value []byte) error {
	before, err := s.sealedBefore(b, key), ErrTooBig
	if entry := encode(value); s.fits(entry) {
		err = s.set(b, key, entry)
	}
	if errors.Is(err, ErrTooBig) && s.SealDir != "" {
		err = s.seal(b, key, value)
	} else if err == nil {
		s.removeSealed(key)
	}
	if err == nil {
		before.remove()
	}
	return err
}

// fits reports whether the keyring is worth asking: go-keyring, asked for too much on macOS, leaves a
// security(1) behind that waits for its input.
func (s *Store) fits(entry string) bool {
	limit := s.Limit
	switch {
	case limit > 0:
	case runtime.GOOS == "windows":
		limit = 2560
	case runtime.GOOS == "darwin": // one line of 4096 bytes, in base64, with the names
		limit = 2900
	}
	return limit == 0 || len(entry) <= limit
}

// seal writes the file, then the entry. If the entry is refused, the file is removed.
func (s *Store) seal(b backend, key string, value []byte) error {
	if len(value) > maxSealed {
		return fmt.Errorf("%w: %d bytes, and %d is the most", ErrTooBig, len(value), maxSealed)
	}
	dir, err := filepath.Abs(s.SealDir)
	if err != nil {
		return fmt.Errorf("%w: sealing it in a file: %w", ErrTooBig, err)
	}
	now := newSealed(dir, s.Service, key)
	info, err := now.write(s.Service, key, value)
	if err != nil {
		return fmt.Errorf("%w: sealing it in a file: %w", ErrTooBig, err)
	}
	if err := s.set(b, key, now.entry()); err != nil {
		now.remove()
		return err
	}
	s.removeAbandoned(key, info)
	return nil
}

// set writes an entry and reads it back: where a Secret Service asks the person first, go-keyring takes a
// dismissed prompt for success.
func (s *Store) set(b backend, key, entry string) error {
	if err := b.Set(s.Service, key, entry); err != nil {
		return classified(err)
	}
	got, err := b.Get(s.Service, key)
	if errors.Is(err, keyring.ErrNotFound) || err == nil && got != entry {
		return fmt.Errorf("%w: it took the value and does not have it", ErrDenied)
	}
	return nil
}

// sealedBefore is the file that the keyring's entry names; zero if it names none or cannot be read.
func (s *Store) sealedBefore(b backend, key string) sealed {
	entry, err := b.Get(s.Service, key)
	if err != nil {
		return sealed{}
	}
	before, _ := parseSealed(entry)
	return before
}

// get reads an entry, and the file if it names one. Between the two, another process may replace the file:
// then the entry has changed as well, and is read again.
func (s *Store) get(b backend, key string) ([]byte, error) {
	entry, err := b.Get(s.Service, key)
	if err != nil {
		return nil, err
	}
	for range 3 {
		if !strings.HasPrefix(entry, asSealed) {
			return decode(entry)
		}
		var stored sealed
		if stored, err = parseSealed(entry); err != nil {
			return nil, err
		}
		var value []byte
		if value, err = stored.read(s.Service, key); err == nil || errors.Is(err, errUnreadable) {
			return value, err
		}
		before := entry
		if entry, _ = b.Get(s.Service, key); entry == before || entry == "" {
			break
		}
	}
	return nil, fmt.Errorf("%w: its sealed file: %w", errUnreadable, err)
}

// Sealed reports whether a value of that key is stored in a sealed file.
func (s *Store) Sealed(key string) bool { return len(s.sealedFiles(key)) > 0 }
