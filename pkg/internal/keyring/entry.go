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
// sealed in. Then it removes the previous file. All of this is one call, so that the result is complete even if Put
// has timed out meanwhile.
func (s *Store) put(b backend, key string, value []byte) error {
	before, err := s.previousSealed(b, key), ErrTooBig
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

// fits reports whether the entry is small enough to try. On macOS a larger one makes go-keyring leave a security(1)
// process behind that waits for input.
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
		return fmt.Errorf("%w: %d bytes; the limit is %d", ErrTooBig, len(value), maxSealed)
	}
	dir, err := filepath.Abs(s.SealDir)
	if err != nil {
		return fmt.Errorf("%w: sealing it in a file: %w", ErrTooBig, err)
	}
	next := newSealed(dir, s.Service, key)
	info, err := next.write(s.Service, key, value)
	if err != nil {
		return fmt.Errorf("%w: sealing it in a file: %w", ErrTooBig, err)
	}
	if err := s.set(b, key, next.entry()); err != nil {
		next.remove()
		return err
	}
	s.removeAbandoned(key, info)
	return nil
}

// set writes an entry and reads it back: if a Secret Service shows a prompt and the person dismisses it, go-keyring
// reports success.
func (s *Store) set(b backend, key, entry string) error {
	if err := b.Set(s.Service, key, entry); err != nil {
		return classified(err)
	}
	got, err := b.Get(s.Service, key)
	if errors.Is(err, keyring.ErrNotFound) || err == nil && got != entry {
		return fmt.Errorf("%w: it reported success but did not store the value", ErrDenied)
	}
	return nil
}

// previousSealed returns the file that the entry names; the zero value if it names none or cannot be read.
func (s *Store) previousSealed(b backend, key string) sealed {
	entry, err := b.Get(s.Service, key)
	if err != nil {
		return sealed{}
	}
	before, _ := parseSealed(entry)
	return before
}

// get reads an entry, and the file if it names one. Another process may replace the file in between. Then the entry
// has changed as well, and is read again.
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
