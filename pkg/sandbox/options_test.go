package sandbox

import (
	"errors"
	"maps"
	"net"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// startWith starts a sandbox in which alice, with an unusual subject, signs in without a page.
func startWith(t *testing.T, o Options) *Sandbox {
	t.Helper()
	s, err := StartWith(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	alice := s.IdP.Users["alice"]
	alice.Subject = aliceSub
	s.IdP.Users["alice"] = alice
	s.IdP.Set(func(k *Knobs) { k.AutoSignIn = "alice" })
	return s
}

// An invalid option is an error with its name, before any server starts.
func TestOptionErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]Options{
		"role":         {RoleARN: "PhotoUploader"},
		"token-life":   {TokenLife: -time.Second},
		"session-life": {SessionLife: -time.Second},
		"user":         {Users: []string{" "}},
		"port":         {Port: maxPort - 3},
		"fault":        {Faults: []string{"s3:on-fire"}},
	}
	for want, o := range tests {
		s, err := StartWith(o)
		if err == nil {
			s.Close()
		}
		var got *OptionError
		if !errors.As(err, &got) || got.Option != want {
			t.Errorf("StartWith(%+v): %v, want an error of option %q", o, err, want)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	const role = "arn:aws:iam::444455556666:role/team/Other"
	s := startWith(t, Options{Users: []string{"carol@example.org"}, RoleARN: role, SessionLife: time.Minute, TokenLife: 2 * time.Minute})
	s.IdP.Set(func(k *Knobs) { k.AutoSignIn = "carol@example.org" })
	in := input(idToken(t, s.IdP))
	in.RoleArn = aws.String(role)
	out, err := stsClient(s.STS).AssumeRoleWithWebIdentity(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(*out.Credentials.Expiration); left > time.Minute || left < 50*time.Second {
		t.Errorf("lifetime %s, want a minute", left)
	}
	in.RoleArn = aws.String(RoleARN)
	_, err = stsClient(s.STS).AssumeRoleWithWebIdentity(t.Context(), in)
	wantAWSError(t, "the unknown role", err, "AccessDenied", "")
}

// With a port, every server has the same URL after a restart.
func TestPort(t *testing.T) {
	t.Parallel()
	urls := func(s *Sandbox) map[string]string {
		urls := map[string]string{}
		for name, server := range s.servers() {
			urls[name] = server.URL()
		}
		return urls
	}
	var first map[string]string
	for port := 20100; first == nil && port < 30000; port += 5 { // some may be in use
		s, err := StartWith(Options{Port: port})
		if err != nil {
			if got, ok := errors.AsType[*OptionError](err); !ok || got.Option != "port" {
				t.Fatalf("StartWith: %v, want an error of option port", err)
			}
			continue
		}
		first = urls(s)
		if _, err := StartWith(Options{Port: port}); err == nil {
			t.Error("two sandboxes have the same ports")
		}
		s.Close()
		again := startWith(t, Options{Port: port})
		if got := urls(again); !maps.Equal(got, first) {
			t.Errorf("after a restart the servers are %v, want %v", got, first)
		}
	}
	if len(first) != 5 || first["oauth"][len(first["oauth"])-1] != first["s3"][len(first["s3"])-1]+1 {
		t.Errorf("servers %v, want five with consecutive ports", first)
	}
}

// The servers listen on loopback only.
func TestLoopbackAlone(t *testing.T) {
	t.Parallel()
	s := startWith(t, Options{TLS: true})
	for name, server := range s.servers() {
		host, _, err := net.SplitHostPort(server.listener.Addr().String())
		if err != nil || !net.ParseIP(host).IsLoopback() {
			t.Errorf("%s listens on %s, want loopback", name, server.listener.Addr())
		}
	}
}
