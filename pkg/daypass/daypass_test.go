package daypass

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/profile"
	"github.com/daypass/daypass/pkg/sandbox"
)

// profileOf returns a profile for the sandbox's role.
func profileOf(t *testing.T, cloud *sandbox.Sandbox) profile.Profile {
	t.Helper()
	p, err := profile.Load(profile.Source{
		Getenv: func(string) string { return "" },
		File:   writeFile(t, "config.toml", "[profile.p]\n"),
		Flags: map[string][]string{
			"login.issuer": {cloud.IdP.URL()}, "login.client_id": {"daypass"}, "role.arn": {sandbox.RoleARN},
			"region": {"us-east-1"}, "endpoints.sts": {cloud.STS.URL()}, "endpoints.s3": {cloud.S3.URL()},
			"upload.bucket": {"photos"}, "upload.prefix": {"uploads/{sub}/"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// options returns options with a person who signs in, and without an agent.
func options(t *testing.T) Options {
	t.Helper()
	return Options{
		OpenBrowser: func(url string) error {
			_, _, err := sandbox.Browse(context.Background(), nil, url)
			return err
		},
		Now: time.Now, Version: "test", RuntimeDir: filepath.Join(t.TempDir(), "run"),
		SessionBus: "unix:path=/nonexistent/bus",
	}
}

func startSandbox(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	cloud, err := sandbox.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cloud.Close() })
	cloud.IdP.Set(func(k *sandbox.Knobs) { k.AutoSignIn = "alice" })
	return cloud
}

// A sign-in with the program's own wiring makes one token request and one exchange after the browser.
func TestSignInAndExchange(t *testing.T) {
	t.Parallel()
	cloud := startSandbox(t)
	p := profileOf(t, cloud)
	p.Agent = false
	var mu sync.Mutex
	var steps []string
	o := options(t)
	o.Notify = func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		if step, ok := e.(Step); ok {
			steps = append(steps, step.Text)
		}
	}
	b, err := Open(p, o)
	if err != nil {
		t.Fatal(err)
	}
	c, err := b.SignIn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	alice := cloud.IdP.Users["alice"]
	if c.Subject != alice.Subject || c.Principal.SessionName() != alice.Email || !c.Fresh(time.Now()) {
		t.Errorf("credential for %q, session %q", c.Subject, c.Principal.SessionName())
	}
	for name, want := range map[string]int{"discovery": 1, "jwks": 1, "token:authorization_code": 1} {
		if got := cloud.IdP.Count(name); got != want {
			t.Errorf("%d × %s, want %d", got, name, want)
		}
	}
	if got := cloud.STS.Count("signed"); got != 0 {
		t.Errorf("%d signed calls to STS, want none", got)
	}
	mu.Lock()
	defer mu.Unlock()
	told := strings.Join(steps, "\n")
	if !strings.Contains(told, "signing in") || !strings.Contains(told, ": 200 OK in ") {
		t.Errorf("the steps lack the sign-in or its requests:\n%s", told)
	}
	for _, secret := range []string{c.SecretAccessKey.Reveal(), c.SessionToken.Reveal(), "eyJ", "code="} {
		if strings.Contains(told, secret) {
			t.Error("the steps contain a secret")
		}
	}
}

func TestMayNotSignIn(t *testing.T) {
	t.Parallel()
	cloud := startSandbox(t)
	p := profileOf(t, cloud)
	p.Agent = false
	o := options(t)
	b, err := Open(p, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Credential(t.Context()); !errors.Is(err, ErrSignInNeeded) {
		t.Errorf("got %v, want ErrSignInNeeded", err)
	}
	if cloud.IdP.Count("discovery") != 0 {
		t.Error("the IdP was asked although no sign-in may start")
	}
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
