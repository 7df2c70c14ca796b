//go:build integration

// Package sandbox tests that third-party programs accept daypass-sandbox as AWS: the AWS CLI, rclone, AWS's Go SDK
// and a browser. It uses nothing of daypass-sandbox except its command line. .ci/install installs the programs. Only
// loopback addresses are contacted.
package sandbox

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// parts are shared by all tests.
var parts struct {
	root    string // temporary directory of the run; short, because socket paths have at most 104 bytes
	sandbox string
	self    string // this test binary, which also drives the browser
	cache   string // where .ci/install installs programs
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

// build builds the binary with the flags of a release.
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
