//go:build unix

package profile

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Reading a pipe fails if its writer never comes, and waits for a writer that comes late.
func TestReadFilePipe(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := readWithin(20*time.Millisecond, pipe, 100); err == nil || !strings.Contains(err.Error(), pipe) {
		t.Errorf("reading a pipe without a writer: %v, want an error that names it", err)
	}
	late := filepath.Join(t.TempDir(), "late")
	if err := syscall.Mkfifo(late, 0o600); err != nil {
		t.Fatal(err)
	}
	go os.WriteFile(late, []byte("secret\n"), 0o600)
	if got, err := ReadFile(late, 100); err != nil || string(got) != "secret\n" {
		t.Errorf("reading a pipe: %q, %v", got, err)
	}
	if _, err := ReadFile("/dev/zero", 100); err == nil || !strings.Contains(err.Error(), "longer than the limit") {
		t.Errorf("reading an endless file: %v, want the limit", err)
	}
}

// Editors on Windows add a byte order mark.
func TestReadFileByteOrderMark(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "config.toml")
	text := "\ufeff[profile.p]\r\nregion = \"us-east-1\"\r\n[profile.p.login]\r\nissuer = \"https://idp\"\r\n" +
		"client_id = \"c\"\r\n[profile.p.role]\r\narn = \"arn:aws:iam::111122223333:role/R\"\r\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if p, err := Load(Source{File: file}); err != nil || p.Name != "p" {
		t.Errorf("a file with a byte order mark: %v", err)
	}
}
