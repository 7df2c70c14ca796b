package keyring

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// An abandoned write may take effect much later. Its file still exists then, even if something was written meanwhile.
func TestLateWrite(t *testing.T) {
	t.Parallel()
	for late, want := range map[error]string{nil: "late", errors.New("locked"): "meanwhile"} {
		s, r := sealing(t)
		asked, let := make(chan struct{}), make(chan error)
		r.before = func() error { r.before = nil; close(asked); return <-let }
		s.Timeout = time.Hour
		gaveUp := make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { gaveUp <- s.Put(ctx, "k", long("late"), time.Time{}) }()
		<-asked
		cancel()
		if err := <-gaveUp; err == nil {
			t.Fatal("abandoned Put = nil")
		}
		other := &Store{Service: "daypass", Limit: smallLimit, SealDir: s.SealDir, backend: r}
		put(t, other, "k", long("before"))
		put(t, other, "k", long("meanwhile"))
		let <- late
		for s.calls.current.Load() != nil { // the late write is ending
			runtime.Gosched()
		}
		wantValue(t, other, "k", long(want))
		if late != nil {
			wantFiles(t, other, "after a late write that failed", 1)
		}
	}
}

// A file of a killed process is removed when it is old, and only then. The files of another login stay.
func TestOrphans(t *testing.T) {
	t.Parallel()
	s, _ := sealing(t)
	put(t, s, "b", long("other"))
	must(t, os.Chtimes(files(t, s)[0], time.Time{}, time.Now().Add(-1000*time.Hour)))
	put(t, s, "a", long("value"))
	young, old := newSealed(s.SealDir, "daypass", "a").file, newSealed(s.SealDir, "daypass", "a").file
	foreign := filepath.Join(s.SealDir, filepath.Base(old)+".txt")
	for _, path := range []string{young, old, foreign} {
		must(t, os.WriteFile(path, []byte("orphan"), 0o600))
	}
	for _, path := range []string{old, foreign} {
		must(t, os.Chtimes(path, time.Time{}, time.Now().Add(-2*lateWrite)))
	}
	put(t, s, "a", long("new"))
	for path, want := range map[string]bool{young: true, old: false, foreign: true} {
		if _, err := os.Lstat(path); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", filepath.Base(path), err == nil, want)
		}
	}
	wantFiles(t, s, "before Delete", 4)
	must(t, s.Delete(t.Context(), "a"))
	wantFiles(t, s, "after Delete", 2)
	wantValue(t, s, "b", long("other"))
}

// Delete removes the file even if the keyring fails.
func TestDeleteWithoutKeyring(t *testing.T) {
	t.Parallel()
	s, _ := sealing(t)
	put(t, s, "k", long("value"))
	s.backend = denied{}
	if err := s.Delete(t.Context(), "k"); !errors.Is(err, ErrDenied) {
		t.Errorf("Delete = %v, want %v", err, ErrDenied)
	}
	wantFiles(t, s, "after Delete", 0)
}

type denied struct{ backend }

func (denied) Get(string, string) (string, error) { return "", os.ErrPermission }
func (denied) Delete(string, string) error        { return os.ErrPermission }

// An altered file is an error with a reason, and not an error of the keyring.
func TestAlteredFile(t *testing.T) {
	t.Parallel()
	change := func(f func(content []byte) []byte) func(*testing.T, string, string) {
		return func(t *testing.T, own, _ string) {
			content, err := os.ReadFile(own)
			must(t, err)
			must(t, os.WriteFile(own, f(content), 0o600))
		}
	}
	for name, spoil := range map[string]func(t *testing.T, own, others string){
		"missing": func(t *testing.T, own, _ string) { must(t, os.Remove(own)) },
		"emptied": change(func([]byte) []byte { return nil }),
		"cut":     change(func(c []byte) []byte { return c[:len(c)-1] }),
		"altered": change(func(c []byte) []byte { c[len(c)/2] ^= 1; return c }),
		"longer":  change(func(c []byte) []byte { return append(c, 0) }),
		"huge":    change(func([]byte) []byte { return make([]byte, maxSealedFile+1) }),
		"text":    change(func([]byte) []byte { return long("text") }),
		"another's": func(t *testing.T, own, others string) {
			must(t, os.Remove(own))
			must(t, os.Rename(others, own))
		},
		"a link": func(t *testing.T, own, _ string) {
			must(t, os.Rename(own, own+".away"))
			must(t, os.Symlink(own+".away", own))
		},
		"a directory": func(t *testing.T, own, _ string) {
			must(t, os.Remove(own))
			must(t, os.Mkdir(own, 0o700))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := sealing(t)
			put(t, s, "own", long("s3cret"))
			own := files(t, s)[0]
			put(t, s, "other", long("other"))
			others := files(t, s)[0]
			if others == own {
				others = files(t, s)[1]
			}
			spoil(t, own, others)
			wantUnreadable(t, s, "own")
			put(t, s, "own", long("again"))
			wantValue(t, s, "own", long("again"))
		})
	}
}

// An entry can only name a file of its own login.
func TestAlteredEntry(t *testing.T) {
	t.Parallel()
	s, r := sealing(t)
	put(t, s, "own", long("s3cret"))
	put(t, s, "other", long("other"))
	good := r.entries["own"]
	head := good[:len(asSealed)+43]
	for _, entry := range []string{
		"s", "s1", "s2" + good[2:], head, head + "/etc/passwd", head + "relative/" + filepath.Base(good),
		"s1" + strings.Repeat("!", 43) + good[len(head):], r.entries["other"],
		"s1" + strings.Repeat("A", 43) + good[len(head):],
	} {
		r.entries["own"] = entry
		wantUnreadable(t, s, "own")
	}
}

func wantUnreadable(t *testing.T, s *Store, key string) {
	t.Helper()
	got, err := s.Get(t.Context(), key)
	if got != nil || !errors.Is(err, errUnreadable) || errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("Get = %.20q, %v; want nothing and %v", got, err, errUnreadable)
	}
}

// changing is a keyring whose entry and file another process replaces after each of the first reads.
type changing struct {
	*ring
	replace func()
	times   int
}

func (c *changing) Get(service, key string) (string, error) {
	entry, err := c.ring.Get(service, key)
	if c.times > 0 {
		c.times--
		c.replace()
	}
	return entry, err
}

func TestReplacedWhileReading(t *testing.T) {
	t.Parallel()
	writer, r := sealing(t)
	put(t, writer, "k", long("old"))
	reader := &Store{Service: "daypass"}
	reader.backend = &changing{ring: r, times: 2, replace: func() { put(t, writer, "k", long("new")) }}
	wantValue(t, reader, "k", long("new"))
}

// An entry and its file in format version 1, which must stay readable.
const (
	goldenEntry = "s123FEi/k/Vzp7Twn+n0xXKWwaU/fyIIIzoAxN5mUraOw/sealed/f8a6284529fa2797549f2b1aa90412a2-3ac0ce203f87a54c0e625a69a891a1cd"
	goldenFile  = "daypass sealed 1\n\bz\xb9\x9a\xfc\x8c$\x90C\xb0\f\xd8&r\x99?\xb9J\x8d(\xbe`\xfc\xb0\x80y\xdcn\x02\xbc\xb6\x81\xe9"
)

// Only content that daypass wrote can be decrypted, and no input panics.
func FuzzSealed(f *testing.F) {
	if runtime.GOOS == "windows" {
		f.Skip("the path is another system's")
	}
	golden, err := parseSealed(goldenEntry)
	if err != nil {
		f.Fatal(err)
	}
	if value, err := golden.decrypt("daypass", "k", []byte(goldenFile)); string(value) != "value" || err != nil {
		f.Fatalf("the golden file opens as %q, %v", value, err)
	}
	f.Add(goldenEntry, []byte(goldenFile))
	f.Add(goldenEntry, []byte(goldenFile[:len(goldenFile)-1]))
	f.Add(asSealed, []byte(sealedHead))
	f.Fuzz(func(t *testing.T, entry string, file []byte) {
		stored, err := parseSealed(entry)
		if err != nil {
			return
		}
		value, err := stored.decrypt("daypass", "k", file)
		if err == nil && (stored.key != golden.key || string(file) != goldenFile || string(value) != "value") {
			t.Errorf("entry %q opens %q as %q", entry, file, value)
		}
	})
}
