package keyring

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/zalando/go-keyring"
)

// put writes an entry: the value itself, or, where that is too big, of the file that it is sealed in. Then
// the file before goes. Put may have given up by then, so all of it is one call: what it leaves
// behind, late or not, is whole.
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

// seal writes the file, then the entry. Where the entry is not taken, the file goes.
func (s *Store) seal(b backend, key string, value []byte) error {
	if len(value) > maxSealed {
		return fmt.Errorf("%w: %d bytes, and %d is the most", ErrTooBig, len(value), maxSealed)
	}
	unsealed := func(err error) error { return fmt.Errorf("%w: sealing it in a file: %w", ErrTooBig, err) }
	dir, err := filepath.Abs(s.SealDir)
	if err != nil {
		return unsealed(err)
	}
	files, err := openSealDir(dir, true)
	if err != nil {
		return unsealed(err)
	}
	defer files.Close()
	now := newSealed(dir, s.Service, key)
	name := filepath.Base(now.file)
	content, err := now.encrypt(s.Service, key, value)
	if err != nil {
		return unsealed(err)
	}
	if err := files.write(name, content); err != nil {
		return unsealed(err)
	}
	if err := s.set(b, key, now.entry()); err != nil {
		files.remove(name)
		return err
	}
	files.removeOlder(name, lateWrite)
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

// sealedBefore is the file that the keyring's entry names; zero where it names none, or cannot be asked.
func (s *Store) sealedBefore(b backend, key string) sealed {
	entry, err := b.Get(s.Service, key)
	if err != nil {
		return sealed{}
	}
	before, err := parseSealed(entry)
	if err != nil {
		return sealed{}
	}
	return before
}

// get reads an entry, and the file where that names one. Another process may put a new file in its place
// between the two: then the entry has changed as well, and is read again.
func (s *Store) get(b backend, key string) ([]byte, error) {
	entry, err := b.Get(s.Service, key)
	if err != nil {
		return nil, err
	}
	for range 3 {
		if !strings.HasPrefix(entry, asSealed) {
			return decode(entry)
		}
		var kept sealed
		if kept, err = parseSealed(entry); err != nil {
			return nil, err
		}
		var content []byte
		if content, err = readSealed(kept.file); err == nil {
			return kept.decrypt(s.Service, key, content)
		}
		before := entry
		if entry, _ = b.Get(s.Service, key); entry == before || entry == "" {
			break
		}
	}
	return nil, fmt.Errorf("%w: its sealed file: %w", errUnreadable, err)
}

// Sealed reports whether a value of that key rests in a sealed file.
func (s *Store) Sealed(key string) bool {
	if s.SealDir == "" {
		return false
	}
	files, err := openSealDir(s.SealDir, false)
	if err != nil {
		return false
	}
	defer files.Close()
	return len(files.names(sealedPrefix(s.Service, key))) > 0
}

// removeSealed removes every sealed file of that key, for when no entry names one any more.
func (s *Store) removeSealed(key string) {
	if s.SealDir == "" {
		return
	}
	files, err := openSealDir(s.SealDir, false)
	if err != nil {
		return
	}
	defer files.Close()
	files.removeAll(sealedPrefix(s.Service, key))
}
