package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/internal/userfile"
)

// A value that is too big for the keyring is stored encrypted in a file, and the keyring holds the key. Each
// write uses a new key and a new file, so nothing is changed in place: first the file is written, then the
// keyring's entry, then the previous file is removed. If the process ends between two steps, the entry
// still names a file that exists.
const (
	// asSealed begins an entry with a key and the path of a file. The digit is the version of the format.
	asSealed = "s1"
	// sealedHead begins such a file.
	sealedHead = "daypass sealed 1\n"
	keyBytes   = 32 // AES-256
	// maxSealed bounds a value. Refresh tokens are far shorter.
	maxSealed = 1 << 20
	// maxSealedFile bounds the file: the encryption adds a nonce of 12 bytes and a tag of 16.
	maxSealedFile = len(sealedHead) + maxSealed + 12 + 16
	// lateWrite is how long the file of an abandoned write stays: the keyring may still be showing a prompt, and the
	// entry that names the file may be written later.
	lateWrite = time.Hour
)

// errUnreadable says that an entry, or the file it names, was not written by daypass or has been altered.
var errUnreadable = errors.New("the stored value cannot be read")

// sealed is what the keyring holds instead of the value. The zero value means that there is none.
type sealed struct {
	key  [keyBytes]byte
	file string // absolute, because cron and a desktop session may use different directories
}

// newSealed returns a new key and the path of a file that does not exist yet.
func newSealed(dir, service, key string) sealed {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	s := sealed{file: filepath.Join(dir, sealedPrefix(service, key)+hex.EncodeToString(random[:]))}
	_, _ = rand.Read(s.key[:])
	return s
}

// sealedPrefix returns the start of the file names of that key. It is a hash, so that a name reveals nothing.
func sealedPrefix(service, key string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "sealed %q %q", service, key))
	return hex.EncodeToString(sum[:16]) + "-"
}

func isSealedName(name string) bool {
	hash, random, _ := strings.Cut(name, "-")
	return len(hash) == 32 && len(random) == 32 && strings.Trim(hash+random, "0123456789abcdef") == ""
}

func (s sealed) entry() string {
	return asSealed + base64.RawStdEncoding.EncodeToString(s.key[:]) + s.file
}

// parseSealed reads an entry. Its path is only accepted if it looks like one of daypass's.
func parseSealed(entry string) (sealed, error) {
	rest, ok := strings.CutPrefix(entry, asSealed)
	length := base64.RawStdEncoding.EncodedLen(keyBytes)
	if !ok || len(rest) < length {
		return sealed{}, fmt.Errorf("%w: unknown version", errUnreadable)
	}
	s := sealed{file: rest[length:]}
	if n, err := base64.RawStdEncoding.Decode(s.key[:], []byte(rest[:length])); err != nil || n != keyBytes {
		return sealed{}, fmt.Errorf("%w: its key is damaged", errUnreadable)
	}
	if !filepath.IsAbs(s.file) || !isSealedName(filepath.Base(s.file)) {
		return sealed{}, fmt.Errorf("%w: it does not name a file of daypass", errUnreadable)
	}
	return s, nil
}

// gcm is AES-256-GCM. A random nonce is safe: each key encrypts once.
func (s sealed) gcm() (cipher.AEAD, error) {
	block, err := aes.NewCipher(s.key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// bound returns the additional data, so that a file cannot be decrypted under another name or for another login.
func (s sealed) bound(service, key string) []byte {
	return fmt.Appendf(nil, "%s%q %q %q", sealedHead, service, key, filepath.Base(s.file))
}

// write encrypts the value into the file.
func (s sealed) write(service, key string, value []byte) (fs.FileInfo, error) {
	gcm, err := s.gcm()
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(s.file)
	if err := userfile.MakeStateDir(filepath.Dir(dir)); err != nil {
		return nil, err
	}
	if err := userfile.MakeDir(dir); err != nil {
		return nil, err
	}
	return userfile.Create(s.file, gcm.Seal([]byte(sealedHead), nil, value, s.bound(service, key)))
}

// checkSealDir checks the directory of sealed files, and the state directory that it is in.
func checkSealDir(dir string) error {
	if err := userfile.CheckStateDir(filepath.Dir(dir)); err != nil {
		return err
	}
	return userfile.CheckDir(dir)
}

// read returns the value that the file holds.
func (s sealed) read(service, key string) ([]byte, error) {
	if err := checkSealDir(filepath.Dir(s.file)); err != nil {
		return nil, err
	}
	content, err := userfile.Read(s.file, int64(maxSealedFile))
	if err != nil {
		return nil, err
	}
	return s.decrypt(service, key, content)
}

// decrypt returns the value, which is never nil. It fails if the content has been altered.
func (s sealed) decrypt(service, key string, content []byte) ([]byte, error) {
	text, ours := strings.CutPrefix(string(content), sealedHead)
	if !ours || len(content) > maxSealedFile {
		return nil, fmt.Errorf("%w: %q is not a sealed file", errUnreadable, s.file)
	}
	gcm, err := s.gcm()
	if err != nil {
		return nil, err
	}
	value, err := gcm.Open([]byte{}, nil, []byte(text), s.bound(service, key))
	if err != nil {
		return nil, fmt.Errorf("%w: %q was truncated, altered or swapped", errUnreadable, s.file)
	}
	return value, nil
}

// remove removes the file, if there is one. A file that stays is useless without its key, and is removed by a
// later write, so errors are ignored.
func (s sealed) remove() {
	if s.file != "" && checkSealDir(filepath.Dir(s.file)) == nil {
		_ = os.Remove(s.file)
	}
}

// sealedFiles returns the paths of that key's files in SealDir.
func (s *Store) sealedFiles(key string) []string {
	if checkSealDir(s.SealDir) != nil {
		return nil
	}
	var paths []string
	entries, _ := os.ReadDir(s.SealDir)
	for _, entry := range entries {
		if name := entry.Name(); strings.HasPrefix(name, sealedPrefix(s.Service, key)) && isSealedName(name) && !entry.IsDir() {
			paths = append(paths, filepath.Join(s.SealDir, name))
		}
	}
	return paths
}

// removeSealed removes every file of that key. It is called when no entry names one any more.
func (s *Store) removeSealed(key string) {
	for _, path := range s.sealedFiles(key) {
		_ = os.Remove(path) // as in sealed.remove
	}
}

// removeAbandoned removes the key's files that are much older than the one just written. Only the files' own
// times are compared: the clocks of two machines may differ.
func (s *Store) removeAbandoned(key string, written fs.FileInfo) {
	for _, path := range s.sealedFiles(key) {
		if info, err := os.Lstat(path); err == nil && written.ModTime().Sub(info.ModTime()) > lateWrite {
			_ = os.Remove(path) // as in sealed.remove
		}
	}
}
