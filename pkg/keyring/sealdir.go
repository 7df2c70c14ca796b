package keyring

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A sealed file's name is a hash of what it is kept for and a random number, and says nothing of either.
const (
	prefixBytes = 16
	randomBytes = 16
)

func sealedPrefix(service, key string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "sealed %q %q", service, key))
	return hex.EncodeToString(sum[:prefixBytes]) + "-"
}

// newSealed names a file that there is not yet.
func newSealed(dir, service, key string) sealed {
	var random [randomBytes]byte
	_, _ = rand.Read(random[:]) // never fails
	return sealed{file: filepath.Join(dir, sealedPrefix(service, key)+hex.EncodeToString(random[:]))}
}

func isSealedName(name string) bool {
	hash, random, _ := strings.Cut(name, "-")
	return isHex(hash, prefixBytes) && isHex(random, randomBytes)
}

func isHex(text string, bytes int) bool {
	return len(text) == 2*bytes && strings.Trim(text, "0123456789abcdef") == ""
}

// sealDir is the directory of the sealed files. A Root, so that no name leads out of it.
type sealDir struct{ *os.Root }

// openSealDir opens the directory if it is ours alone.
func openSealDir(dir string, create bool) (sealDir, error) {
	if create {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return sealDir{}, err
		}
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return sealDir{}, err
	}
	if fault := faultOf(info); fault != "" {
		return sealDir{}, fmt.Errorf("directory %q %s", dir, fault)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return sealDir{}, err
	}
	if opened, err := root.Stat("."); err != nil || !os.SameFile(info, opened) {
		root.Close()
		return sealDir{}, fmt.Errorf("directory %q was replaced meanwhile", dir)
	}
	return sealDir{root}, nil
}

// write makes a file and has it on the disk when it returns. Nobody knows the name before that, so nobody
// sees half of it.
func (d sealDir) write(name string, content []byte) error {
	file, err := d.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = d.sync()
	}
	if err != nil {
		d.remove(name)
	}
	return err
}

// remove has no error: a file that stays is of no use without its key, and goes another time.
func (d sealDir) remove(name string) { _ = d.Remove(name) }

// removeAll removes the files whose names begin so.
func (d sealDir) removeAll(prefix string) {
	for name := range d.names(prefix) {
		d.remove(name)
	}
}

// removeOlder removes what was left behind for the same key: files older than this one by that much. By
// the files' own times, for two clocks may differ.
func (d sealDir) removeOlder(name string, than time.Duration) {
	kept, err := d.Lstat(name)
	if err != nil {
		return
	}
	for other, info := range d.names(name[:2*prefixBytes+1]) {
		if kept.ModTime().Sub(info.ModTime()) > than {
			d.remove(other)
		}
	}
}

// names are the sealed files whose names begin so.
func (d sealDir) names(prefix string) map[string]fs.FileInfo {
	found := map[string]fs.FileInfo{}
	entries, _ := fs.ReadDir(d.FS(), ".")
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), prefix) || !isSealedName(entry.Name()) {
			continue
		}
		if info, err := entry.Info(); err == nil && !info.IsDir() {
			found[entry.Name()] = info
		}
	}
	return found
}

// readSealed reads a sealed file, and nothing that is not a plain file of a sealed file's size.
func readSealed(path string) ([]byte, error) {
	dir, err := openSealDir(filepath.Dir(path), false)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	name := filepath.Base(path)
	info, err := dir.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > int64(maxSealedFile) {
		return nil, fmt.Errorf("%q is no sealed file", path)
	}
	file, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if opened, err := file.Stat(); err != nil || !os.SameFile(info, opened) {
		return nil, fmt.Errorf("%q was replaced meanwhile", path)
	}
	return io.ReadAll(io.LimitReader(file, int64(maxSealedFile)+1))
}
