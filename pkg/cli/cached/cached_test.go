//go:build unix

package cached

import (
	"crypto/sha256"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/internal/storekey"
	"github.com/daypass/daypass/pkg/profile"
	"github.com/daypass/daypass/pkg/secret"
)

// A fresh cached credential is printed exactly as daypass prints it, even if daypass is not installed.
func TestCached(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	photos, guest := m.signedIn(), m.signedIn("--profile", "guest")
	alone := m.copied("daypass-credentials", "alone")
	for _, row := range []struct{ args, env []string }{
		{}, {args: []string{"-p", "photos"}}, {args: []string{"--profile=photos"}},
		{args: []string{"--profile", "photos", "--region", "us-east-1", "--sign-in=never"}},
		{args: []string{"--config", m.path("config.toml")}, env: []string{"DAYPASS_CONFIG_FILE=/nowhere", "DAYPASS_PROFILE=photos"}},
		{args: []string{"--agent"}, env: []string{"DAYPASS_AGENT=false"}}, {args: []string{"--agent=true"}},
		{args: []string{"--scopes", "openid", "--scopes", "email"}},
		{env: []string{"DAYPASS_PROFILE=other"}, args: []string{"--profile", "photos"}},
	} {
		got := m.run(append(row.env, "PATH="), alone, row.args...)
		if got != (outcome{stdout: photos}) {
			t.Errorf("%q with %q: ended with %d and said %q, want what daypass prints", row.args, row.env, got.code, got.stderr)
		}
	}
	if got := m.run([]string{"PATH="}, alone, "-p", "guest"); got != (outcome{stdout: guest}) {
		t.Errorf("a guest: ended with %d and said %q, want what daypass prints", got.code, got.stderr)
	}
}

// For everything else, output and exit code are daypass's.
func TestEverythingElse(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signedIn()
	m.write("open/file", "", 0o600)
	if err := os.Chmod(m.path("open"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		args, env []string
		code      int
	}{
		{args: []string{"--help"}}, {args: []string{"-h"}},
		{args: []string{"--quiet"}}, {args: []string{"-pphotos"}}, {args: []string{"-p=photos"}}, {args: []string{"--"}},
		{args: []string{"--profile", "photos", "--profile", "photos"}},
		{args: []string{"-p="}, code: 2}, {args: []string{"--profile", "phtos"}, code: 2},
		{args: []string{"--config", m.path("none.toml")}, code: 2}, {args: []string{"--role-duration", "1"}, code: 2},
		{args: []string{"--region", "us-east-1", "--region", "us-east-1"}, code: 2},
		{args: []string{"--profil", "photos"}, code: 2}, {args: []string{"--=x"}, code: 2}, {args: []string{"--profile"}, code: 2},
		{args: []string{"photos"}, code: 2}, {args: []string{"--", "photos"}, code: 2}, {args: []string{"--agent", "false"}, code: 2},
		{args: []string{"--agent=perhaps"}, code: 2}, {args: []string{"--timeout", "-1s"}, code: 2},
		{args: []string{"--browser", "x", "--no-browser"}, code: 2},
		{args: []string{"--sign-in", "never", "--agent=false"}, code: 4},
		{args: []string{"--sign-in", "never", "--login-hint", "bob"}, code: 4},
		{env: []string{"DAYPASS_RUNTIME_DIR=" + m.path("open")}, code: 1},
		{env: []string{"DAYPASS_PROFILE=other"}, code: 2},
	} {
		want := m.run(row.env, "daypass", append([]string{"credentials"}, row.args...)...)
		got := m.run(row.env, "daypass-credentials", row.args...)
		if got != want || got.code != row.code {
			t.Errorf("%q with %q: ended with %d and said %q, want %d and %q (daypass: %d)",
				row.args, row.env, got.code, got.stderr, row.code, want.stderr, want.code)
		}
	}
}

// A variable that «daypass env» exported is ignored, so another credential is needed.
func TestExported(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.env = append(m.env, "AWS_REGION=eu-west-1")
	own := m.signedIn("--region=")
	sum := sha256.Sum256([]byte("eu-west-1"))
	exported := []string{fmt.Sprintf("DAYPASS_EXPORTED=AWS_REGION=%x", sum[:4])}
	got := m.run(exported, "daypass-credentials", "--region=")
	if want := m.run(exported, "daypass", "credentials", "--region="); got != want || got.code != 0 || got.stdout == own {
		t.Errorf("ended with %d and said %q; the person's own: %t, daypass's: %t", got.code, got.stderr, got.stdout == own, got == want)
	}
}

// daypass refuses root in another user's HOME.
func TestForeignHome(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signedIn()
	if err := os.Chown(m.home, 12345, -1); err != nil {
		t.Skip("only root gives a directory away")
	}
	if got := m.run(nil, "daypass-credentials"); got.code != 1 || got.stdout != "" || !strings.Contains(got.stderr, "belongs to another user") {
		t.Errorf("ended with %d and said %q", got.code, got.stderr)
	}
}

// daypass refreshes a stale credential.
func TestStale(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signedIn()
	p, err := profile.Load(profile.Source{File: m.path("config.toml"), Name: "photos"})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	stale := credential.Credential{AccessKeyID: "ASIASTALE", SecretAccessKey: secret.New("s"),
		Issued: now.Add(-50 * time.Minute), Expiration: now.Add(10 * time.Minute)}
	memory := agent.Client{Dir: m.path("run")}
	if err := memory.Put(t.Context(), storekey.NamesOf(p).Credential, stale.Record(), stale.Expiration); err != nil {
		t.Fatal(err)
	}
	exchanges := m.cloud.STS.Count("AssumeRoleWithWebIdentity")
	first := m.run(nil, "daypass-credentials")
	if first.code != 0 || strings.Contains(first.stdout, "ASIASTALE") || m.cloud.STS.Count("AssumeRoleWithWebIdentity") != exchanges+1 {
		t.Errorf("ended with %d after %d exchanges, said %q", first.code, m.cloud.STS.Count("AssumeRoleWithWebIdentity")-exchanges, first.stderr)
	}
	if second := m.run(nil, "daypass-credentials"); second != first {
		t.Error("what was renewed is not what is kept")
	}
}

// Without an agent, or if it does not respond, daypass runs. daypass-credentials does not start an agent.
func TestWithoutAgent(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	if got := m.run(nil, "daypass-credentials", "--sign-in", "never"); got.code != 4 || got.stdout != "" {
		t.Errorf("with nothing kept: ended with %d", got.code)
	}
	l, err := net.Listen("unix", m.path("run/agent.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if got := m.run(nil, "daypass-credentials", "--sign-in", "never"); got.code != 4 || got.stdout != "" {
		t.Errorf("with an agent that hangs: ended with %d", got.code)
	}
	first := m.run(nil, "daypass-credentials")
	if first.code != 0 || m.cloud.IdP.Count("token:authorization_code") != 1 {
		t.Fatalf("signing in: ended with %d and said %q", first.code, first.stderr)
	}
	if second := m.run(nil, "daypass-credentials"); second != (outcome{stdout: first.stdout}) {
		t.Errorf("afterwards: ended with %d and said %q", second.code, second.stderr)
	}
}

// Many processes at once with an empty cache lead to one sign-in, as with daypass.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	answers := make([]outcome, 8)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = m.run(nil, "daypass-credentials") })
	}
	all.Wait()
	for _, o := range answers {
		if o.code != 0 || o.stdout != answers[0].stdout {
			t.Errorf("one ended with %d and said %q", o.code, o.stderr)
		}
	}
	if got := m.cloud.IdP.Count("token:authorization_code"); got != 1 {
		t.Errorf("%d sign-ins, want 1", got)
	}
}

// A credential that cannot be printed is an error of daypass.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signedIn()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	cmd := exec.Command("daypass-credentials")
	cmd.Env, cmd.Stdout = m.env, full
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Run(); cmd.ProcessState.ExitCode() != 1 || !strings.HasPrefix(said.String(), "daypass: printing credential: ") {
		t.Errorf("%v: %s", err, said.String())
	}
}

// The daypass beside the program is used, even if the program was started through a link; PATH is second.
func TestWhichDaypass(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	installed, alone := m.copied("daypass-credentials", "installed"), m.copied("daypass-credentials", "alone")
	for _, dir := range []string{"installed", "path"} {
		m.write(dir+"/daypass", "#!/bin/sh\necho \"$0 $*\"\nexit 7\n", 0o700)
	}
	m.write("broken/daypass", "no program\n", 0o700)
	broken := m.copied("daypass-credentials", "broken")
	link := m.path("path/daypass-credentials")
	if err := os.Symlink(installed, link); err != nil {
		t.Fatal(err)
	}
	path := "PATH=" + m.path("path")
	for _, row := range []struct{ program, env, want string }{
		{installed, path, m.path("installed/daypass") + " credentials -x y z\n"},
		{installed, "PATH=", m.path("installed/daypass") + " credentials -x y z\n"},
		{link, path, m.path("installed/daypass") + " credentials -x y z\n"},
		{alone, path, m.path("path/daypass") + " credentials -x y z\n"},
	} {
		if got := m.run([]string{row.env}, row.program, "-x", "y z"); got.stdout != row.want || got.code != 7 {
			t.Errorf("%s with %s ran %q and ended with %d, want %q and 7 (%s)", row.program, row.env, got.stdout, got.code, row.want, got.stderr)
		}
	}
	for program, want := range map[string]string{alone: "not found", broken: "exec " + m.path("broken/daypass")} {
		got := m.run([]string{"PATH="}, program, "-x")
		if got.code != 1 || got.stdout != "" || !strings.HasPrefix(got.stderr, "daypass-credentials: running daypass: ") || !strings.Contains(got.stderr, want) {
			t.Errorf("%s ended with %d and said %q, want 1 and %q", program, got.code, got.stderr, want)
		}
	}
}

// The program does not import packages that make it slow to start.
func TestLean(t *testing.T) {
	t.Parallel()
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("without the go command")
	}
	out, err := exec.Command(goTool, "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, dep := range strings.Fields(string(out)) {
		for _, dear := range []string{"net/http", "crypto/tls", "crypto/x509", "os/signal", "html/template", "github.com/spf13", "github.com/aws", "github.com/charmbracelet"} {
			if dep == dear || strings.HasPrefix(dep, dear+"/") {
				t.Errorf("it imports %s", dep)
			}
		}
	}
	if !strings.Contains(string(out), "/pkg/internal/agent\n") {
		t.Errorf("go list tells nothing of this program: %.200s", out)
	}
}
