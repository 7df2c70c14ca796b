package userfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantNames checks that the directory contains exactly these files.
func wantNames(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the directory holds %q, want %q", got, want)
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	for _, content := range []string{"first", "second, longer", ""} {
		info, err := Write(path, []byte(content))
		must(t, err)
		there, err := os.Lstat(path)
		must(t, err)
		if !os.SameFile(info, there) {
			t.Error("the returned FileInfo is not that of the file")
		}
		if runtime.GOOS != "windows" && there.Mode() != 0o600 {
			t.Errorf("mode %v, want 0600", there.Mode())
		}
		if got, err := Read(path, 100); err != nil || string(got) != content {
			t.Errorf("Read = %q, %v; want %q", got, err, content)
		}
		wantNames(t, dir, "file")
	}
}

// A reader that has opened the old file still reads all of it.
func TestWriteDoesNotChangeTheOldFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	_, err := Write(path, []byte("old"))
	must(t, err)
	old, err := os.Lstat(path)
	must(t, err)
	must(t, os.Link(path, path+".old"))
	info, err := Write(path, []byte("new"))
	must(t, err)
	if os.SameFile(old, info) {
		t.Error("the file was changed in place")
	}
	if got, err := Read(path+".old", 100); err != nil || string(got) != "old" {
		t.Errorf("the old file reads %q, %v; want %q", got, err, "old")
	}
}

// A symbolic link is replaced, and its target is not changed.
func TestWriteReplacesALink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	must(t, os.WriteFile(target, []byte("target"), 0o600))
	must(t, os.Symlink(target, link))
	_, err := Write(link, []byte("new"))
	must(t, err)
	if got, err := Read(link, 100); err != nil || string(got) != "new" {
		t.Errorf("Read = %q, %v; want %q", got, err, "new")
	}
	if got, err := Read(target, 100); err != nil || string(got) != "target" {
		t.Errorf("the target reads %q, %v; want it unchanged", got, err)
	}
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "taken"), 0o700))
	if _, err := Write(filepath.Join(dir, "taken"), []byte("x")); err == nil {
		t.Error("Write over a directory = nil, want an error")
	}
	if _, err := Write(filepath.Join(dir, "missing", "file"), []byte("x")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Write below a missing directory = %v, want %v", err, fs.ErrNotExist)
	}
	wantNames(t, dir, "taken")
}

func TestCreate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	info, err := Create(path, []byte("first"))
	must(t, err)
	if there, err := os.Lstat(path); err != nil || !os.SameFile(info, there) {
		t.Errorf("the returned FileInfo is not that of the file (%v)", err)
	}
	if _, err := Create(path, []byte("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create of a file that exists = %v, want %v", err, fs.ErrExist)
	}
	if got, err := Read(path, 100); err != nil || string(got) != "first" {
		t.Errorf("Read = %q, %v; want %q", got, err, "first")
	}
	wantNames(t, dir, "file")
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	must(t, os.WriteFile(file, []byte("12345"), 0o600))
	if got, err := Read(file, 5); err != nil || string(got) != "12345" {
		t.Errorf("Read = %q, %v; want all five bytes", got, err)
	}
	if _, err := Read(file, 4); err == nil || !strings.Contains(err.Error(), "longer than 4 bytes") {
		t.Errorf("Read of five bytes with a limit of four = %v, want an error", err)
	}
	if _, err := Read(filepath.Join(dir, "missing"), 5); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Read of a missing file = %v, want %v", err, fs.ErrNotExist)
	}
	link := filepath.Join(dir, "link")
	must(t, os.Symlink(file, link))
	for _, path := range []string{dir, link} {
		if _, err := Read(path, 5); err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("Read(%q) = %v, want an error", path, err)
		}
	}
}

func TestMakeDir(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := CheckDir(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("CheckDir of a missing directory = %v, want %v", err, fs.ErrNotExist)
	}
	for range 2 {
		must(t, MakeDir(dir))
	}
	for _, made := range []string{dir, filepath.Dir(dir)} {
		if info, err := os.Lstat(made); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
			t.Errorf("%s: mode %v (%v), want 0700", made, info.Mode(), err)
		}
	}
}
