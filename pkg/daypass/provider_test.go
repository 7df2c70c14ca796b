package daypass

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/secret"
)

// runAgent makes the test binary run an agent in the directory of its next argument.
const runAgent = "run-agent-under-test" // --dir DIR

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == runAgent {
		if agent.Serve(context.Background(), os.Args[3], false, func(string, []byte) agent.Kind { return agent.KindOther }) != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// The provider returns the credential that a command has stored in the agent. Without an agent it returns
// ErrSignInNeeded and starts none.
func TestProvider(t *testing.T) {
	t.Parallel()
	cloud := startSandbox(t)
	p, o := profileOf(t, cloud), options(t)
	o.AgentCommand = []string{os.Args[0], runAgent}
	provider, err := NewProvider(p, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Retrieve(t.Context()); !errors.Is(err, ErrSignInNeeded) {
		t.Errorf("before the sign-in: %v, want ErrSignInNeeded", err)
	}
	client := &agent.Client{Dir: o.RuntimeDir}
	if _, err := client.Status(t.Context()); !errors.Is(err, agent.ErrNotRunning) {
		t.Errorf("the provider started an agent: %v", err)
	}
	b, err := Open(p, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Stop(context.Background()) })
	c, err := b.SignIn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := provider.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.AccessKeyID != c.AccessKeyID || got.AccountID != "111122223333" || !got.Expires.Equal(c.StaleAt()) {
		t.Errorf("Retrieve = %s of %s until %s, want %s of 111122223333 until %s",
			got.AccessKeyID, got.AccountID, got.Expires, c.AccessKeyID, c.StaleAt())
	}
	endpoint := cloud.STS.URL()
	identity, err := sts.New(sts.Options{Region: p.Region, Credentials: provider, BaseEndpoint: &endpoint}).
		GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || *identity.Arn != c.Principal.ARN {
		t.Errorf("GetCallerIdentity: %v, %v; want %s", identity, err, c.Principal.ARN)
	}
	if n := cloud.STS.Count("AssumeRoleWithWebIdentity"); n != 1 {
		t.Errorf("%d exchanges, want one, of the sign-in", n)
	}
}

// The SDK's cache asks again when the credential becomes stale. If there is no fresh one, it asks again every minute
// until the credential expires.
func TestProviderExpires(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct{ left, want time.Duration }{
		{time.Hour, 44 * time.Minute}, {17 * time.Minute, time.Minute}, {10 * time.Minute, time.Minute},
		{30 * time.Second, 30 * time.Second}, {-time.Second, -time.Second},
	} {
		c := credential.Credential{AccessKeyID: "ASIA", SecretAccessKey: secret.New("x"), SessionToken: secret.New("y"),
			Issued: noon.Add(row.left - time.Hour), Expiration: noon.Add(row.left)}
		p := &provider{func(context.Context) (credential.Credential, error) { return c, nil }, func() time.Time { return noon }}
		got, err := p.Retrieve(t.Context())
		if err != nil || got.Expires.Sub(noon) != row.want || !got.CanExpire {
			t.Errorf("with %v left it is cached for %v (%v), want %v", row.left, got.Expires.Sub(noon), err, row.want)
		}
	}
}
