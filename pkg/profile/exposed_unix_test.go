//go:build unix

package profile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// ownedInfo is a fs.FileInfo with the given owner and mode.
type ownedInfo struct {
	fs.FileInfo
	mode     fs.FileMode
	uid, gid uint32
}

func (i ownedInfo) Mode() fs.FileMode { return i.mode }
func (i ownedInfo) Sys() any          { return &syscall.Stat_t{Uid: i.uid, Gid: i.gid} }

func TestExposure(t *testing.T) {
	t.Parallel()
	us := uint32(os.Geteuid())
	for _, row := range []struct {
		name string
		info ownedInfo
		want string
	}{
		{"private", ownedInfo{mode: 0o600, uid: us, gid: us + 1}, ""},
		{"readable", ownedInfo{mode: 0o644, uid: us, gid: us + 1}, ""},
		{"world-writable", ownedInfo{mode: 0o666, uid: us, gid: us + 1}, "mode 0666"},
		{"write-only", ownedInfo{mode: 0o602, uid: us, gid: us + 1}, "mode 0602"},
		{"group-writable", ownedInfo{mode: 0o660, uid: us, gid: us + 1}, "mode 0660"},
		{"another user's", ownedInfo{mode: 0o600, uid: us + 1, gid: us}, "another user"},
		{"root's", ownedInfo{mode: 0o644, uid: 0, gid: 0}, ""},
		{"root's, writable", ownedInfo{mode: 0o666, uid: 0, gid: 0}, "mode 0666"},
		{"root's, group-writable", ownedInfo{mode: 0o664, uid: 0, gid: 0}, "mode 0664"},
		{"a pipe", ownedInfo{mode: 0o666 | fs.ModeNamedPipe, uid: us + 1, gid: us}, ""},
	} {
		got := exposure("config.toml", row.info)
		if row.want == "" && got != nil || row.want != "" && (got == nil || !strings.Contains(got.Error(), row.want)) {
			t.Errorf("%s: %v, want %q", row.name, got, row.want)
		}
	}
	if !privateGroup(1000, 1000) || privateGroup(1000, 100) || privateGroup(0, 0) {
		t.Error("a private group has the user's number, and is not root's")
	}
}

const exposedConfig = `
[profile.p]
region = "us-east-1"
login  = { issuer = "https://idp.example.com", client_id = "c", client_secret_file = "secret" }
role   = { arn = "arn:aws:iam::111122223333:role/R", policy_file = "policy.json" }
`

// Each file that Load reads is checked: a warning, or an error if it contains a secret.
func TestExposedFiles(t *testing.T) {
	t.Parallel()
	const secretInside = "[login.unused]\nclient_secret = \"s3cr3t\"\n"
	for _, row := range []struct {
		name, exposed, config string
		refused               bool
	}{
		{"nothing", "", exposedConfig, false},
		{"the configuration", "config.toml", exposedConfig, false},
		{"the configuration, with a secret", "config.toml", exposedConfig + secretInside, true},
		{"the secret", "secret", exposedConfig, true},
		{"the policy", "policy.json", exposedConfig, false},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{"config.toml": row.config, "secret": "s3cr3t\n", "policy.json": "{}"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		exposed := filepath.Join(dir, row.exposed)
		if row.exposed != "" {
			if err := os.Chmod(exposed, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		p, err := Load(Source{File: filepath.Join(dir, "config.toml")})
		if row.refused {
			invalid, ok := errors.AsType[*Error](err)
			if !ok || !strings.Contains(err.Error(), exposed) || !strings.Contains(err.Error(), "client secret") ||
				strings.Contains(err.Error(), "s3cr3t") || !strings.HasPrefix(invalid.Hint, "chmod go-w ") {
				t.Errorf("%s: %v, want it refused", row.name, err)
			}
			continue
		}
		want := row.exposed != ""
		if err != nil || (len(p.Warnings) == 1) != want || want && !strings.Contains(p.Warnings[0].Error(), exposed) {
			t.Errorf("%s: warnings %v, %v; want one: %t", row.name, p.Warnings, err, want)
		}
	}
}

// A file of another user is reported whatever its mode is.
func TestForeignConfig(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(exposedConfig, `, client_secret_file = "secret"`, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(file), "policy.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if os.Chown(file, os.Geteuid()+1, -1) != nil {
		t.Skip("only root gives a file away")
	}
	p, err := Load(Source{File: file})
	if err != nil || len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0].Error(), "belongs to another user") {
		t.Errorf("warnings %v, %v; want one of another user's file", p.Warnings, err)
	}
}
