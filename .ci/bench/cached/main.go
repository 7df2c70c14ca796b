// Command cached runs a command in an environment where daypass has a cached credential, for benchmarks. It starts an
// IdP and an STS on loopback and signs in once.
//
// cached DAYPASS COMMAND…
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/daypass/daypass/pkg/sandbox"
)

const roleARN = "arn:aws:iam::111122223333:role/PhotoUploader"

func main() {
	var err error
	switch {
	case len(os.Args) == 2 && strings.HasPrefix(os.Args[1], "http://"): // this program is its own browser
		_, _, err = sandbox.Browse(context.Background(), nil, os.Args[1])
	case len(os.Args) > 2:
		err = measure(os.Args[1], os.Args[2:])
	default:
		err = errors.New("usage: cached DAYPASS COMMAND…")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cached:", err)
		os.Exit(1)
	}
}

func measure(daypass string, command []string) error {
	idp, err := sandbox.NewIdP()
	if err != nil {
		return err
	}
	defer idp.Close()
	idp.Set(func(k *sandbox.Knobs) { k.AutoSignIn = "alice" })
	sts, err := sandbox.NewSTS(&sandbox.Sessions{}, sandbox.Role{ARN: roleARN, Issuer: idp.URL(), Audiences: []string{"daypass"}})
	if err != nil {
		return err
	}
	defer sts.Close()
	home, err := os.MkdirTemp("/tmp", "daypass-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home) // the agent ends when its socket is gone
	if err := writeProfile(home, idp.URL(), sts.URL()); err != nil {
		return err
	}
	if err := run(home, []string{daypass, "credentials"}, nil); err != nil {
		return fmt.Errorf("signing in: %w", err)
	}
	return run(home, command, os.Stdout)
}

// writeProfile writes the profile.
func writeProfile(home, issuer, sts string) error {
	config := fmt.Sprintf(`[profile.photos]
region = "us-east-1"
[profile.photos.login]
issuer = %q
client_id = "daypass"
[profile.photos.role]
arn = %q
[profile.photos.endpoints]
sts = %q
`, issuer, roleARN, sts)
	return errors.Join(os.Mkdir(filepath.Join(home, "run"), 0o700),
		os.WriteFile(filepath.Join(home, "config.toml"), []byte(config), 0o600))
}

// run runs the command with its own home directory and without the user's keyring.
func run(home string, command []string, stdout *os.File) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "DAYPASS_CONFIG_FILE=" + filepath.Join(home, "config.toml"),
		"DAYPASS_RUNTIME_DIR=" + filepath.Join(home, "run"), "DAYPASS_BROWSER=" + self,
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(home, "no-bus"),
	}
	cmd.Stderr = os.Stderr
	if stdout != nil { // a nil *os.File would be a non-nil io.Writer
		cmd.Stdout = stdout
	}
	return cmd.Run()
}
