//go:build integration

// Package integration answers: does the daypass binary do its job with parts that are not ours? A real
// OpenID provider (dex), a real STS and S3 (MinIO), the AWS CLI, real shells and a real keyring; and the
// project's own sandbox, where those cannot be slow, strict or short-lived as a test needs. It knows
// nothing of daypass but its command line, and how to make its keyring small; .ci/install brings the parts,
// all on loopback.
package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// parts are the servers and programs that all tests share.
var parts *world

// world is everything a test needs that is not the machine of one person.
type world struct {
	root    string // scratch for the whole run; short, for sockets have 104 bytes at most
	daypass string // and daypass-credentials beside it
	self    string // this test binary, which is also the person at the browser
	dex     *issuer
	short   *issuer // its ID tokens live for shortLife only
	minio   *objectStore
}

func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case personName:
		os.Exit(person(os.Args))
	}
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "setting up:", err)
		code = 1
	}
	os.Exit(code)
}

func runAll(m *testing.M) (int, error) {
	root, err := os.MkdirTemp("/tmp", "daypass-ci-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(root)
	parts = &world{root: root}
	defer parts.stop()
	if err := parts.start(); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

func (w *world) start() (err error) {
	if err := findTools(); err != nil {
		return err
	}
	if w.self, err = copyOfSelf(w.root); err != nil {
		return err
	}
	if w.daypass, err = build(w.root); err != nil {
		return err
	}
	if w.dex, err = startDex(w.root, "daypass", "1h"); err != nil {
		return err
	}
	if w.short, err = startDex(w.root, "daypass-short", shortLife.String()); err != nil {
		return err
	}
	w.minio, err = startMinIO(w.root, w.dex, w.short)
	return err
}

// stop ends what was started, the last first: MinIO asks dex.
func (w *world) stop() {
	if w.minio != nil {
		w.minio.sts.server.Close()
		w.minio.server.stop()
	}
	for _, d := range []*issuer{w.short, w.dex} {
		if d != nil {
			d.stop()
		}
	}
}

// copyOfSelf is a copy that other users may run too: go test's own directory is closed to them.
func copyOfSelf(dir string) (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, "self")
	return path, os.WriteFile(path, binary, 0o755)
}

// findTools puts the folder of .ci/install first on PATH.
func findTools() error {
	cache := os.Getenv("DAYPASS_CI_CACHE")
	if cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return err
		}
		cache = filepath.Join(dir, "daypass-ci")
	}
	return os.Setenv("PATH", filepath.Join(cache, "bin")+":"+os.Getenv("PATH"))
}

// build makes the binaries as a release does.
func build(dir string) (string, error) {
	path := filepath.Join(dir, "daypass")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", dir, "./cmd/daypass", "./cmd/daypass-credentials", "./pkg/internal/keyring/sealer")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building daypass: %w\n%s", err, out)
	}
	return path, nil
}
