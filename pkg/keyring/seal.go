package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// A value that the keyring will not take rests in a file, encrypted; the keyring holds the key. Each write
// has a key and a file of its own, so that nothing is ever changed in place: the file comes first, then the
// keyring's entry, then the file before goes. Whatever ends the process in between leaves an entry whose
// file is there.
const (
	// asSealed is how an entry begins that holds a key and the path of a file, in this form's version.
	asSealed = "s1"
	// sealedHead is how such a file begins.
	sealedHead = "daypass sealed 1\n"
	keyBytes   = 32 // AES-256
	// maxSealed bounds a value: no refresh token comes near.
	maxSealed = 1 << 20
	// maxSealedFile is for its encryption: a nonce of 12 bytes and a tag of 16.
	maxSealedFile = len(sealedHead) + maxSealed + 12 + 16
	// lateWrite is how long the file of a write that was given up is let be: the keyring may be at a
	// prompt, and the entry that names the file may yet come.
	lateWrite = time.Hour
)

// errUnreadable says that an entry, or the file it names, is not what daypass wrote.
var errUnreadable = errors.New("what is kept cannot be read")

// sealed is what the keyring holds in a value's place.
type sealed struct {
	key  [keyBytes]byte
	file string // an absolute path: cron and a desktop may differ about the directory
}

func (s sealed) entry() string {
	return asSealed + base64.RawStdEncoding.EncodeToString(s.key[:]) + s.file
}

// parseSealed reads an entry. The path is followed, so it has to look like one of ours.
func parseSealed(entry string) (sealed, error) {
	var s sealed
	rest, ok := strings.CutPrefix(entry, asSealed)
	length := base64.RawStdEncoding.EncodedLen(keyBytes)
	if !ok || len(rest) < length {
		return s, fmt.Errorf("%w: it is of another version", errUnreadable)
	}
	if n, err := base64.RawStdEncoding.Decode(s.key[:], []byte(rest[:length])); err != nil || n != keyBytes {
		return s, fmt.Errorf("%w: its key is damaged", errUnreadable)
	}
	s.file = rest[length:]
	if !filepath.IsAbs(s.file) || !isSealedName(filepath.Base(s.file)) {
		return s, fmt.Errorf("%w: it names no file of daypass's", errUnreadable)
	}
	return s, nil
}

// gcm is AES-256-GCM, with a random nonce for the one use of each key.
func (s sealed) gcm() (cipher.AEAD, error) {
	block, err := aes.NewCipher(s.key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// bound is what the encryption is tied to beside its key: one file's content under another's name, or
// for another login, does not open.
func (s sealed) bound(service, key string) []byte {
	return fmt.Appendf(nil, "%s%q %q %q", sealedHead, service, key, filepath.Base(s.file))
}

// encrypt makes the key and returns the file's content.
func (s *sealed) encrypt(service, key string, value []byte) ([]byte, error) {
	_, _ = rand.Read(s.key[:]) // never fails
	gcm, err := s.gcm()
	if err != nil {
		return nil, err
	}
	return gcm.Seal([]byte(sealedHead), nil, value, s.bound(service, key)), nil
}

// decrypt returns the value, never nil, or says that the content is not what was written.
func (s sealed) decrypt(service, key string, content []byte) ([]byte, error) {
	text, ours := strings.CutPrefix(string(content), sealedHead)
	if !ours || len(content) > maxSealedFile {
		return nil, fmt.Errorf("%w: %q is no sealed file", errUnreadable, s.file)
	}
	gcm, err := s.gcm()
	if err != nil {
		return nil, err
	}
	value, err := gcm.Open([]byte{}, nil, []byte(text), s.bound(service, key))
	if err != nil {
		return nil, fmt.Errorf("%w: %q was cut short, altered, or put in another's place", errUnreadable, s.file)
	}
	return value, nil
}

// remove removes the file, if there is one. It has no error either: see sealDir.remove.
func (s sealed) remove() {
	if s.file == "" {
		return
	}
	if dir, err := openSealDir(filepath.Dir(s.file), false); err == nil {
		dir.remove(filepath.Base(s.file))
		dir.Close()
	}
}
