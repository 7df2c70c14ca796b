//go:build unix

package cached

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/daypass/daypass/pkg/cli"
	"github.com/daypass/daypass/pkg/sandbox"
)

// The tests run whole programs: daypass-credentials, daypass, and a browser in which a person signs in.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"daypass-credentials": func() { os.Exit(Main(os.Args[1:])) },
		"daypass":             func() { os.Exit(cli.Main(context.Background(), os.Args[1:], cli.System("1.2.3"))) },
		"browse": func() {
			if _, _, err := sandbox.Browse(context.Background(), nil, os.Args[1]); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		},
	})
}

// machine is a person's machine: a home with a profile, an agent of its own, and the sandbox as its cloud.
type machine struct {
	*testing.T
	home  string
	cloud *sandbox.Sandbox
	env   []string
}

const config = `
[profile.photos]
region    = "us-east-1"
login     = { issuer = %q, client_id = "daypass" }
role      = { arn = %q }
endpoints = { sts = %q, cognito_identity = %q }
[profile.other]
[profile.guest]
region        = "us-east-1"
identity_pool = { id = %q, guest = true }
endpoints     = { cognito_identity = %q }
`

func newMachine(t *testing.T) *machine {
	t.Helper()
	cloud, err := sandbox.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cloud.Close() })
	cloud.IdP.Set(func(k *sandbox.Knobs) { k.AutoSignIn = "alice" })
	home, err := os.MkdirTemp("/tmp", "daypass-") // short, for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	m := &machine{T: t, home: home, cloud: cloud}
	m.write("config.toml", fmt.Sprintf(config, cloud.IdP.URL(), sandbox.RoleARN, cloud.STS.URL(), cloud.Cognito.URL(),
		sandbox.PoolID, cloud.Cognito.URL()), 0o600)
	m.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "DAYPASS_CONFIG_FILE=" + m.path("config.toml"), "DAYPASS_PROFILE=photos",
		"DAYPASS_RUNTIME_DIR=" + m.path("run"), "DAYPASS_BROWSER=browse", "DBUS_SESSION_BUS_ADDRESS=unix:path=" + m.path("no-bus"),
	}
	t.Cleanup(func() { m.run(nil, "daypass", "agent", "stop") })
	return m
}

func (m *machine) path(name string) string { return filepath.Join(m.home, name) }

func (m *machine) write(name, text string, mode os.FileMode) {
	m.Helper()
	if err := os.MkdirAll(filepath.Dir(m.path(name)), 0o700); err != nil {
		m.Fatal(err)
	}
	if err := os.WriteFile(m.path(name), []byte(text), mode); err != nil {
		m.Fatal(err)
	}
}

// copied copies a program of the tests into the home, under the same name.
func (m *machine) copied(program, dir string) string {
	m.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		m.Fatal(err)
	}
	to := m.path(filepath.Join(dir, program))
	if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.Link(path, to)); err != nil {
		content, err := os.ReadFile(path)
		if err != nil {
			m.Fatal(err)
		}
		m.write(filepath.Join(dir, program), string(content), 0o700)
	}
	return to
}

// outcome is the result of a program.
type outcome struct {
	stdout, stderr string
	code           int
}

// run runs a program. Env overrides the machine's environment.
func (m *machine) run(env []string, program string, args ...string) outcome {
	m.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = append(append([]string{}, m.env...), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		m.Fatal(err)
	}
	return outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// signedIn returns what «daypass credentials» prints for a cached credential.
func (m *machine) signedIn(args ...string) string {
	m.Helper()
	args = append([]string{"credentials"}, args...)
	m.run(nil, "daypass", args...)
	o := m.run(nil, "daypass", args...)
	if o.code != 0 || o.stderr != "" || !strings.Contains(o.stdout, `"Version": 1`) {
		m.Fatalf("daypass %q: %+v", args, o)
	}
	return o.stdout
}
