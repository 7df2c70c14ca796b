//go:build integration

// Package integration tests the daypass binary with third-party software: an OpenID provider (dex), an STS and S3
// (MinIO), the AWS CLI, shells and a keyring. It uses the project's own sandbox where a test needs a slow, strict or
// short-lived server. It uses only daypass's command line, and a helper that makes the keyring small. .ci/install
// installs the software. Everything runs on loopback.
package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// parts are the servers and programs shared by all tests.
var parts *world

// world is everything that tests need besides the machine of one person.
type world struct {
	root    string // scratch directory; its path is short, because a socket's path has at most 104 bytes
	daypass string // daypass-credentials is in the same directory
	self    string // this test binary, which also plays the person at the browser
	dex     *issuer
	short   *issuer // its ID tokens are valid for shortLife only
	minio   *objectStore
}

func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case visitorName:
		os.Exit(visitor(os.Args))
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

// stop stops the servers, the last one first, because MinIO uses dex.
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

// copyOfSelf copies the test binary, because other users cannot access go test's own directory.
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

// findTools puts the directory of .ci/install first on PATH.
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

// build builds the binaries as for a release.
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
