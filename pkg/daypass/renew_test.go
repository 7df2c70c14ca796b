package daypass

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/broker"
	"github.com/daypass/daypass/pkg/internal/httpclient"
	"github.com/daypass/daypass/pkg/profile"
)

// cut is a network that fails during a refresh request.
type cut struct {
	armed          atomic.Bool
	requestPercent int // percent of the request that arrives
	answerPercent  int // percent of the answer that arrives, after the complete request
	refreshes      atomic.Int32
	reused         atomic.Bool // by the refresh request: net/http retries only then
}

type cutConn struct {
	net.Conn
	*cut
	used, broken atomic.Bool
}

func (c *cutConn) Write(p []byte) (int, error) {
	if !c.armed.Load() || !bytes.Contains(p, []byte("grant_type=refresh_token")) {
		c.used.Store(true)
		return c.Conn.Write(p)
	}
	c.refreshes.Add(1)
	c.reused.Store(c.used.Load())
	c.broken.Store(true)
	n, err := c.Conn.Write(p[:len(p)*c.requestPercent/100])
	if err == nil && n < len(p) {
		c.Conn.Close()
		err = errors.New("connection reset")
	}
	return n, err
}

func (c *cutConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err == nil && c.broken.Load() {
		c.Conn.Close()
		n, err = n*c.answerPercent/100, io.EOF
	}
	return n, err
}

// client returns the program's HTTP client, over that network.
func (c *cut) client(t *testing.T, p profile.Profile) *http.Client {
	t.Helper()
	return httpclient.New(httpclient.Options{CABundle: p.CABundle, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &cutConn{Conn: conn, cut: c}, err
	}})
}

// useConnection makes a request, so that the next one goes over a used connection: net/http may have a spare
// connection, but takes the one that became idle last.
func useConnection(t *testing.T, client *http.Client, url string) {
	t.Helper()
	answer, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Fatal(err)
	}
}

// A refresh request is never sent twice, wherever the connection breaks. If refresh tokens are single-use, a second
// request would end the sign-in (RFC 9700 §4.14). The stored token stays.
func TestRefreshIsNeverRetried(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name                   string
		requestPercent, answer int
		arrived                int
	}{
		{"amid the request", 50, 0, 0}, {"before the answer", 100, 0, 1}, {"amid the answer", 100, 50, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			cloud := startSandbox(t)
			p := profileOf(t, cloud)
			o := options(t)
			b, err := Open(p, o)
			if err != nil {
				t.Fatal(err)
			}
			memory := &store{values: map[string][]byte{}}
			network := &cut{requestPercent: row.requestPercent, answerPercent: row.answer}
			client := network.client(t, p)
			person := b.withMemory(t, memory)
			b.login.HTTPClient = client
			if _, err := b.SignIn(t.Context()); err != nil {
				t.Fatal(err)
			}
			token := b.Grant(t.Context()).Refresh
			delete(memory.values, b.broker.CredentialKey)
			person.Now = func() time.Time { return time.Now().Add(59 * time.Minute) }
			b.broker.Now = person.Now // the ID token is about to expire
			useConnection(t, client, cloud.IdP.URL()+"/.well-known/openid-configuration")
			network.armed.Store(true)
			_, err = b.Credential(t.Context())
			if err == nil || errors.Is(err, identity.ErrGrantRevoked) || errors.Is(err, ErrSignInNeeded) {
				t.Errorf("Credential: %v; want a temporary failure", err)
			}
			if got := network.refreshes.Load(); got != 1 || !network.reused.Load() {
				t.Errorf("%d refresh requests were sent, over a connection used before %t; want 1, true", got, network.reused.Load())
			}
			if got := cloud.IdP.Count("token:refresh_token"); got != row.arrived {
				t.Errorf("%d refresh requests arrived, want %d", got, row.arrived)
			}
			if !bytes.Contains(memory.values[person.LoginKey], []byte(token.Reveal())) {
				t.Error("the refresh token was deleted after a broken connection")
			}
		})
	}
}

// On a machine whose clock is two hours behind or 14 minutes ahead, sign-in, reuse of the ID token and renewal work.
// Credentials expire by
// the local clock, which SDKs use.
func TestClockOff(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-2 * time.Hour, 14 * time.Minute} {
		t.Run(off.String(), func(t *testing.T) {
			t.Parallel()
			var passed atomic.Int64
			clock := func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }
			cloud := startSandbox(t)
			cloud.SetNow(clock)
			p, o := profileOf(t, cloud), options(t)
			o.Now = func() time.Time { return clock().Add(off) }
			b, err := Open(p, o)
			if err != nil {
				t.Fatal(err)
			}
			memory := &store{values: map[string][]byte{}}
			b.withMemory(t, memory).Background = func(context.Context) (broker.Wait, error) { return b.SignIn, nil }
			for _, step := range []struct {
				name               string
				passed             time.Duration
				forget             bool
				exchanges, renewed int
			}{
				{"sign-in", 0, false, 1, 0},
				{"cached", 30 * time.Minute, false, 1, 0},
				{"live ID token", 50 * time.Minute, true, 2, 0},
				{"dead ID token", 59 * time.Minute, true, 3, 1},
				{"stale", 59*time.Minute + 50*time.Minute, false, 4, 1},
			} {
				passed.Store(int64(step.passed))
				if step.forget {
					delete(memory.values, b.broker.CredentialKey)
				}
				c, err := b.Credential(t.Context())
				if err != nil {
					t.Fatalf("%s: %v", step.name, err)
				}
				if left := c.Expiration.Sub(o.Now()); left < 29*time.Minute || left > 61*time.Minute || !c.Fresh(o.Now()) {
					t.Errorf("%s: the credential lives %v by the clock here", step.name, left)
				}
				if got := cloud.STS.Count("AssumeRoleWithWebIdentity"); got != step.exchanges {
					t.Errorf("%s: %d exchanges, want %d", step.name, got, step.exchanges)
				}
				if got := cloud.IdP.Count("token:refresh_token"); got != step.renewed {
					t.Errorf("%s: %d renewals, want %d", step.name, got, step.renewed)
				}
			}
			if got := cloud.IdP.Count("token:authorization_code"); got != 1 {
				t.Errorf("%d sign-ins, want 1", got)
			}
		})
	}
}
