package loginindex

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func newFile(t *testing.T) *File {
	t.Helper()
	return &File{Dir: filepath.Join(t.TempDir(), "state", "daypass"), Now: func() time.Time { return noon },
		KeyOf: func(l Login) string { return l.Key }}
}

var photos = Credential{Key: "login/1/credential/a", Profile: "photos", RoleARN: "arn:aws:iam::111122223333:role/Photos"}

var google = Login{Key: "login/1", Issuer: "https://accounts.google.com", ClientID: "1234", LoginHint: "alice@example.com",
	Scopes: []string{"openid", "email"}, Credentials: []Credential{photos}}

func (f *File) want(t *testing.T, want ...Login) {
	t.Helper()
	got, err := f.Logins()
	if err != nil || !(len(got) == 0 && len(want) == 0) && !reflect.DeepEqual(got, want) {
		t.Errorf("logins %+v, %v; want %+v", got, err, want)
	}
}

func note(t *testing.T, f *File, l Login) {
	t.Helper()
	if err := f.Note(t.Context(), l); err != nil {
		t.Fatal(err)
	}
}

func TestNote(t *testing.T) {
	t.Parallel()
	f := newFile(t)
	f.want(t)
	note(t, f, google)
	f.want(t, google)

	archive := Credential{Key: "login/1/credential/b", Profile: "archive", IdentityPoolID: "us-east-1:1"}
	second := google
	second.Credentials = []Credential{archive}
	note(t, f, second)
	both := google
	both.Credentials = []Credential{photos, archive}
	guest := Login{Key: "login/2", IdentityPoolID: "us-east-1:2", Endpoint: "http://127.0.0.1:1"}
	note(t, f, guest)
	f.want(t, both, guest)
}

// Only the user can access the file, and nothing else is in the directory: the lock file has been removed.
func TestModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("file modes exist on Unix only")
	}
	f := newFile(t)
	note(t, f, google)
	entries, err := os.ReadDir(f.Dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("the directory has %v, %v; want the index", entries, err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v; want 0600", entry.Name(), info.Mode(), err)
		}
	}
	if info, err := os.Stat(f.Dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory has mode %v, %v; want 0700", info.Mode(), err)
	}
}

// Note does not write a login that is in the index already, so an hourly renewal does not touch the disk.
func TestNoteWritesOnlyChanges(t *testing.T) {
	t.Parallel()
	f := newFile(t)
	note(t, f, google)
	before, err := os.Stat(f.path())
	if err != nil {
		t.Fatal(err)
	}
	note(t, f, google)
	if after, err := os.Stat(f.path()); err != nil || !os.SameFile(before, after) {
		t.Errorf("the file was replaced (%v)", err)
	}
}

func TestSignedOut(t *testing.T) {
	t.Parallel()
	f := newFile(t)
	note(t, f, google)
	if err := f.SignedOut(t.Context(), "login/unknown"); err != nil {
		t.Fatal(err)
	}
	if err := f.SignedOut(t.Context(), google.Key); err != nil {
		t.Fatal(err)
	}
	out := google
	out.SignedOut, out.Credentials = noon, nil
	f.want(t, out)
	note(t, f, google)
	f.want(t, google)
	if err := f.SignedOut(t.Context(), google.Key); err != nil {
		t.Fatal(err)
	}
	f.Now = func() time.Time { return noon.Add(signedOutLife + time.Second) }
	guest := Login{Key: "login/2", IdentityPoolID: "us-east-1:2"}
	note(t, f, guest)
	f.want(t, guest)
}

// A new sign-in marks a login without credentials as signed in, too.
func TestSignedInAgain(t *testing.T) {
	t.Parallel()
	f := newFile(t)
	bare := Login{Key: "login/3", Issuer: "https://idp.example.com"}
	note(t, f, bare)
	if err := f.SignedOut(t.Context(), bare.Key); err != nil {
		t.Fatal(err)
	}
	note(t, f, bare)
	f.want(t, bare)
}

func TestRemove(t *testing.T) {
	t.Parallel()
	f := newFile(t)
	other := Login{Key: "login/2", Issuer: "https://idp.example.com"}
	note(t, f, google)
	note(t, f, other)
	if err := f.Remove(t.Context(), google.Key, "login/unknown"); err != nil {
		t.Fatal(err)
	}
	f.want(t, other)
}

// When the file is full, the oldest logins are removed, those that are signed out first.
func TestBounds(t *testing.T) {
	t.Parallel()
	f := newFile(t)
	var logins []Login
	for i := range maxLogins + 2 {
		logins = append(logins, Login{Key: fmt.Sprint(i)})
	}
	logins[7].SignedOut = noon
	for i := range maxCredentials + 3 {
		logins[9].Credentials = append(logins[9].Credentials, Credential{Key: fmt.Sprint(i)})
	}
	got := f.bounded(logins)
	if len(got) != maxLogins || got[0].Key != "1" || got[6].Key != "8" {
		t.Errorf("%d logins from %s, the seventh is %s; want %d from 1, and 8", len(got), got[0].Key, got[6].Key, maxLogins)
	}
	if credentials := got[7].Credentials; len(credentials) != maxCredentials || credentials[0].Key != "3" {
		t.Errorf("%d credentials from %s, want %d from 3", len(credentials), credentials[0].Key, maxCredentials)
	}
	if err := f.Note(t.Context(), Login{Key: "x", Issuer: strings.Repeat("i", maxBytes)}); err == nil {
		t.Error("a login that is too big was written")
	}
	f.want(t)
}

// A file that daypass did not write is an error and is not changed.
func TestForeignFile(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"garbage": "\x00{", "empty": "", "another version": `{"v":2,"logins":[]}`, "a list": "[]",
		"too long": `{"v":1}` + strings.Repeat(" ", maxBytes),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFile(t)
			if err := f.makeDir(); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(f.path(), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := f.Logins(); err == nil {
				t.Error("Logins = nil error, want an error")
			}
			if err := f.Note(t.Context(), google); err == nil || !strings.Contains(err.Error(), f.path()) {
				t.Errorf("Note = %v, want an error that names the file", err)
			}
			if got, err := os.ReadFile(f.path()); err != nil || string(got) != content {
				t.Errorf("the file has %d bytes now, want %d", len(got), len(content))
			}
		})
	}
}

// An entry that claims another login's key, or another login's credential, is dropped, and the next write removes it.
func TestKeyThatDoesNotFollow(t *testing.T) {
	t.Parallel()
	f := newFile(t)
	attacker := Login{Key: google.Key, Issuer: "https://attacker.example.com", ClientID: "1234"}
	note(t, f, attacker)
	reader := Login{Key: "login/2", Credentials: []Credential{photos}}
	note(t, f, reader)
	f.want(t, attacker)
	f.KeyOf = func(l Login) string {
		if l.Issuer == attacker.Issuer {
			return "login/3"
		}
		return l.Key
	}
	f.want(t)
	note(t, f, google)
	f.want(t, google)
	if text, err := os.ReadFile(f.path()); err != nil || strings.Contains(string(text), "attacker") {
		t.Errorf("the file still has the entry (%v): %s", err, text)
	}
}

func TestMissingFile(t *testing.T) {
	t.Parallel()
	f := newFile(t)
	if err := os.MkdirAll(f.path(), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := f.Note(t.Context(), google); err == nil {
		t.Error("Logins of a directory = nil error, want an error")
	}
	if err := (&File{}).Note(t.Context(), google); err == nil {
		t.Error("Note without a directory = nil, want an error")
	}
}

// Concurrent writes lose nothing. A login is added even if its caller's context has ended.
func TestConcurrentWrites(t *testing.T) {
	t.Parallel()
	f := newFile(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if err := f.Note(gone, Login{Key: fmt.Sprint(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got, err := f.Logins(); err != nil || len(got) != 20 {
		t.Errorf("%d logins, %v; want 20", len(got), err)
	}
}
