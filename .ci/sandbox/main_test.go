//go:build integration

// Package sandbox answers: do programs that are not ours take daypass-sandbox for AWS? The AWS CLI, rclone,
// AWS's Go SDK and a browser. It knows nothing of daypass-sandbox but its command line; .ci/install brings
// the programs. Nothing but loopback addresses is contacted.
package sandbox

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// parts are what all tests share.
var parts struct {
	root    string // scratch for the whole run; short, for sockets have 104 bytes at most
	sandbox string
	self    string // this test binary, which also drives the browser
	cache   string // where .ci/install puts what it brings
}

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == driverName {
		os.Exit(drive(os.Args))
	}
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "setting up:", err)
		code = 1
	}
	os.Exit(code)
}

func runAll(m *testing.M) (code int, err error) {
	if parts.root, err = os.MkdirTemp("/tmp", "daypass-ci-"); err != nil {
		return 1, err
	}
	defer os.RemoveAll(parts.root)
	if parts.self, err = os.Executable(); err != nil {
		return 1, err
	}
	if parts.cache = os.Getenv("DAYPASS_CI_CACHE"); parts.cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return 1, err
		}
		parts.cache = filepath.Join(dir, "daypass-ci")
	}
	if parts.sandbox, err = build(parts.root); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// build makes the binary as a release does.
func build(dir string) (string, error) {
	path := filepath.Join(dir, "daypass-sandbox")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "./cmd/daypass-sandbox")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building daypass-sandbox: %w\n%s", err, out)
	}
	return path, nil
}
