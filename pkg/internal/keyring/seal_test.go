package keyring

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

// ring is a keyring in memory. Before and after are called around each Set, without the mutex.
type ring struct {
	entries       map[string]string
	before, after func() error
}

func (r *ring) Get(_, key string) (string, error) {
	entry, ok := r.entries[key]
	if !ok {
		return "", keyring.ErrNotFound
	}
	return entry, nil
}

func (r *ring) Set(_, key, value string) error {
	if r.before != nil {
		if err := r.before(); err != nil {
			return err
		}
	}
	r.entries[key] = value
	if r.after != nil {
		return r.after()
	}
	return nil
}

func (r *ring) Delete(_, key string) error {
	if _, ok := r.entries[key]; !ok {
		return keyring.ErrNotFound
	}
	delete(r.entries, key)
	return nil
}

const smallLimit = 300

// long returns a value that is too big for such a keyring.
func long(text string) []byte { return []byte(strings.Repeat(text+" ", smallLimit)) }

func sealing(t *testing.T) (*Store, *ring) {
	t.Helper()
	r := &ring{entries: map[string]string{}}
	return &Store{Service: "daypass", Limit: smallLimit, backend: r,
		SealDir: filepath.Join(t.TempDir(), "state", "sealed")}, r
}

func put(t *testing.T, s *Store, key string, value []byte) {
	t.Helper()
	if err := s.Put(t.Context(), key, value, time.Time{}); err != nil {
		t.Fatalf("Put(%q): %v", key, err)
	}
}

// files returns the paths of the files in SealDir.
func files(t *testing.T, s *Store) []string {
	t.Helper()
	entries, err := os.ReadDir(s.SealDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var paths []string
	for _, entry := range entries {
		paths = append(paths, filepath.Join(s.SealDir, entry.Name()))
	}
	return paths
}

func wantFiles(t *testing.T, s *Store, when string, want int) {
	t.Helper()
	if got := files(t, s); len(got) != want {
		t.Errorf("%s: files %q, want %d", when, got, want)
	}
}

func TestBigValueIsSealed(t *testing.T) {
	t.Parallel()
	s, r := sealing(t)
	put(t, s, "login/a", []byte("small"))
	wantFiles(t, s, "after a small value", 0)
	if _, err := os.Stat(s.SealDir); err == nil {
		t.Error("the directory was created although no value was sealed")
	}
	for _, value := range [][]byte{long("first"), long("second"), bytes.Repeat([]byte{0, 255}, maxSealed/2)} {
		put(t, s, "login/a", value)
		wantValue(t, s, "login/a", value)
		wantFiles(t, s, "after a big value", 1)
		if n := len(r.entries["login/a"]); n > smallLimit {
			t.Errorf("the keyring holds %d bytes, want %d at most", n, smallLimit)
		}
	}
	put(t, s, "login/b", long("other"))
	wantFiles(t, s, "with another login", 2)
	put(t, s, "login/a", []byte("small"))
	wantFiles(t, s, "after a small value in place of the big one", 1)
	wantValue(t, s, "login/a", []byte("small"))
	wantValue(t, s, "login/b", long("other"))
	if err := s.Delete(t.Context(), "login/b"); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, s, "after Delete", 0)
	wantValue(t, s, "login/b", nil)
}

// Cron may use another directory than the desktop session, or none.
func TestSealedInAnotherDirectory(t *testing.T) {
	t.Parallel()
	s, r := sealing(t)
	put(t, s, "login/a", long("value"))
	for _, dir := range []string{"", filepath.Join(t.TempDir(), "other")} {
		other := &Store{Service: "daypass", SealDir: dir, backend: r}
		wantValue(t, other, "login/a", long("value"))
	}
	other := &Store{Service: "daypass", backend: r}
	put(t, other, "login/a", []byte("signed out"))
	wantFiles(t, s, "after another directory's write", 0)
}

func TestSealedFileIsPrivate(t *testing.T) {
	t.Parallel()
	s, _ := sealing(t)
	put(t, s, "login/alice", long("s3cret"))
	path := files(t, s)[0]
	for path, want := range map[string]fs.FileMode{path: 0o600, s.SealDir: 0o700 | fs.ModeDir} {
		if info, err := os.Lstat(path); err != nil || info.Mode() != want {
			t.Errorf("%s: mode %v (%v), want %v", path, info.Mode(), err, want)
		}
	}
	content, err := os.ReadFile(path)
	if err != nil || bytes.Contains(content, []byte("s3cret")) {
		t.Errorf("the file contains the value in the clear (%v)", err)
	}
	for _, word := range []string{"alice", "login"} {
		if strings.Contains(filepath.Base(path)+string(content), word) {
			t.Errorf("the file contains %q", word)
		}
	}
	put(t, s, "login/alice", long("s3cret"))
	if again, err := os.ReadFile(files(t, s)[0]); err != nil || bytes.Equal(again, content) {
		t.Errorf("the same value was encrypted twice to the same bytes (%v)", err)
	}
}

func TestSealFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	must(t, os.WriteFile(file, nil, 0o600))
	open := filepath.Join(dir, "open")
	must(t, os.Mkdir(open, 0o700))
	must(t, os.Chmod(open, 0o755))
	link := filepath.Join(dir, "link")
	must(t, os.Symlink(t.TempDir(), link))
	shared := filepath.Join(dir, "shared")
	must(t, os.Mkdir(shared, 0o700))
	must(t, os.Chmod(shared, 0o777))
	for _, sealDir := range []string{"", file, filepath.Join(file, "below"), open, link, filepath.Join(shared, "sealed")} {
		r := &ring{entries: map[string]string{}}
		s := &Store{Service: "daypass", Limit: smallLimit, SealDir: sealDir, backend: r}
		put(t, s, "k", []byte("before"))
		err := s.Put(t.Context(), "k", long("s3cret"), time.Time{})
		if !errors.Is(err, ErrTooBig) || errors.Is(err, ErrDenied) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("Put with the directory %q = %v, want %v", sealDir, err, ErrTooBig)
		}
		wantValue(t, s, "k", []byte("before"))
	}
	s, _ := sealing(t)
	if err := s.Put(t.Context(), "k", make([]byte, maxSealed+1), time.Time{}); !errors.Is(err, ErrTooBig) {
		t.Errorf("Put of more than the limit = %v, want %v", err, ErrTooBig)
	}
	wantFiles(t, s, "after it", 0)
}

// Nothing is read from a state directory that other users can write to.
func TestSharedStateDir(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("file modes exist on Unix only")
	}
	s, _ := sealing(t)
	put(t, s, "k", long("s3cret"))
	must(t, os.Chmod(filepath.Dir(s.SealDir), 0o777))
	if got, err := s.Get(t.Context(), "k"); got != nil || err == nil || !strings.Contains(err.Error(), "chmod 700") {
		t.Errorf("Get = %.20q, %v; want an error that says what to do", got, err)
	}
}

// The OS may refuse a value that is within our limit.
func TestValueRefusedBySystemIsSealed(t *testing.T) {
	t.Parallel()
	s, r := sealing(t)
	s.Limit = 1 << 20
	r.before = func() error { r.before = nil; return keyring.ErrSetDataTooBig }
	put(t, s, "k", []byte("value"))
	wantFiles(t, s, "after it", 1)
	wantValue(t, s, "k", []byte("value"))
}

// If a write is interrupted, the old value or the new one can be read. The test checks the two points between its three
// steps.
func TestInterruptedWrite(t *testing.T) {
	t.Parallel()
	s, r := sealing(t)
	other := &Store{Service: "daypass", backend: r}
	put(t, s, "k", long("old"))
	r.before = func() error {
		wantFiles(t, s, "before the entry", 2)
		wantValue(t, other, "k", long("old"))
		return nil
	}
	r.after = func() error {
		wantFiles(t, s, "after the entry", 2)
		wantValue(t, other, "k", long("new"))
		return nil
	}
	put(t, s, "k", long("new"))
	wantFiles(t, s, "at the end", 1)
	r.before, r.after = func() error { return errors.New("no") }, nil
	if err := s.Put(t.Context(), "k", long("newest"), time.Time{}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Put = %v, want %v", err, ErrUnavailable)
	}
	wantFiles(t, s, "after a write that failed", 1)
	wantValue(t, s, "k", long("new"))
}

// A keyring that reports success but stores nothing, because its prompt was dismissed, is an error.
func TestKeyringThatStoresNothing(t *testing.T) {
	t.Parallel()
	s, r := sealing(t)
	put(t, s, "k", long("old"))
	for _, value := range [][]byte{[]byte("small"), long("new")} {
		was := maps.Clone(r.entries)
		r.after = func() error { r.entries = was; return nil }
		if err := s.Put(t.Context(), "k", value, time.Time{}); !errors.Is(err, ErrDenied) {
			t.Errorf("Put of %d bytes = %v, want %v", len(value), err, ErrDenied)
		}
		wantFiles(t, s, "after it", 1)
		wantValue(t, s, "k", long("old"))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Sealed distinguishes a value in a sealed file from one in the keyring.
func TestSealed(t *testing.T) {
	t.Parallel()
	s, _ := sealing(t)
	for _, row := range []struct {
		value []byte
		want  bool
	}{{[]byte("short"), false}, {long("long"), true}, {[]byte("short"), false}} {
		if err := s.Put(t.Context(), "k", row.value, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if got := s.Sealed("k"); got != row.want || s.Sealed("other") {
			t.Errorf("%d bytes are sealed: %t, want %t", len(row.value), got, row.want)
		}
	}
	if (&Store{Service: "daypass"}).Sealed("k") {
		t.Error("a store without SealDir reports a sealed value")
	}
}
