package remedy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/agent"
	"github.com/daypass/daypass/pkg/internal/httpclient"
	"github.com/daypass/daypass/pkg/internal/login"
)

// Go's terms are replaced; errors of our own stay as they are.
func TestInWords(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9},
		Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for _, row := range []struct {
		err  error
		want string
	}{
		{errors.New("our own text"), "x: our own text"},
		{refused, "x: connection refused"},
		{&url.Error{Op: "Post", URL: "https://idp.example.com/token?code=1", Err: refused}, "x: contacting idp.example.com: connection refused"},
		{&net.OpError{Op: "proxyconnect", Net: "tcp", Err: refused}, "x: the proxy: connection refused"},
		{&url.Error{Op: "Get", URL: "https://idp.example.com/", Err: &httpclient.ProxyError{Proxy: "proxy.example:3128", Status: 407}},
			"x: contacting idp.example.com: proxy proxy.example:3128 answered 407 Proxy Authentication Required"},
		{&url.Error{Op: "Get", URL: "https://idp.example.com/", Err: &httpclient.ProxyError{Proxy: "proxy.example:3128", Err: refused}},
			"x: contacting idp.example.com: proxy proxy.example:3128: connection refused"},
		{&url.Error{Op: "Get", URL: "https://nowhere.example/", Err: &net.OpError{Op: "dial", Net: "tcp",
			Err: &net.DNSError{Err: "no such host", Name: "nowhere.example", Server: "127.0.0.53:53"}}}, "x: contacting nowhere.example: no such host"},
		{&url.Error{Op: "Put", URL: "https://s3.example.com/", Err: io.EOF}, "x: contacting s3.example.com: the connection was closed without a response"},
		{fmt.Errorf("reading: %w", context.DeadlineExceeded), "x: reading: no response in time"},
		{&login.UnansweredError{Waited: 4 * time.Second, Err: context.DeadlineExceeded}, "x: timed out after 4 s without a response in the browser"},
		{&login.UnansweredError{Waited: 5 * time.Minute, Err: context.DeadlineExceeded}, "x: timed out after 5 min without a response in the browser"},
		{&login.ClockError{At: now.Add(-time.Hour), Now: now}, "x: it expired 60 min ago"},
		{&login.ClockError{At: now.Add(time.Hour), Now: now, Early: true}, "x: it is not valid for another 60 min"},
		{&login.PortInUseError{Ports: []string{"8400"}}, "x: port 8400 is in use"},
	} {
		if got := InWords(fmt.Errorf("x: %w", row.err)); got != row.want {
			t.Errorf("InWords(%v) = %q, want %q", row.err, got, row.want)
		}
	}
}

// net/http has a text of its own for its timeouts.
func TestInWordsOfTimeout(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	_, err := (&http.Client{Transport: &http.Transport{}, Timeout: time.Millisecond}).Get(server.URL)
	want := "contacting " + strings.TrimPrefix(server.URL, "http://") + ": no response in time"
	if err == nil || InWords(err) != want {
		t.Errorf("InWords(%v) = %q, want %q", err, InWords(err), want)
	}
}

// Errors of our own packages.
func TestOwnErrors(t *testing.T) {
	t.Parallel()
	const wellKnownURL = "https://accounts.google.com/.well-known/openid-configuration"
	for _, r := range []row{
		{&login.UnansweredError{Err: context.DeadlineExceeded}, 4, "the tab was closed", "daypass login --profile work"},
		{&login.UnansweredError{Elsewhere: true, Err: context.DeadlineExceeded}, 4, "browser profile or container", "daypass login --profile work --no-browser"},
		{&login.PortInUseError{Ports: []string{"8400"}}, 1, "another sign-in is pending", "a second redirect_uri"},
		{&login.StatusError{Status: 404, URL: wellKnownURL}, 1, "not an issuer: there is no " + wellKnownURL, "login.issuer with"},
		{&login.StatusError{Status: 503, URL: wellKnownURL}, 1, "temporary problem", "again in a minute"},
		{&login.StatusError{Status: 500, URL: "https://x/token"}, 1, "temporary problem", "again in a minute"},
		{&login.StatusError{Status: 407, URL: "https://x/token"}, 1, "a proxy", "HTTPS_PROXY"},
		{login.ErrNoDiscovery, 1, "not an issuer", "documentation"},
		{&login.ClockError{At: now, Now: now}, 1, "clock", "the local clock"},
		{&login.ClockError{At: now, Now: now, IdP: now.Add(-2 * time.Hour)}, 1, "the local clock and the identity provider's differ by 2 h", "a correct clock"},
		{&identity.ClaimError{Name: "exp"}, 5, "iss, sub, aud, exp and iat", "the claims that"},
		{login.ErrOtherSignIn, 1, "another sign-in", "daypass login --profile work --again"},
		{&identity.NoValueError{Placeholder: "claim:team"}, 1, "lacks this claim", "role.session_name"},
		{&identity.NoValueError{Placeholder: "identity_id"}, 1, "no such value", "upload.prefix"},
		{&agent.DirError{Dir: "/tmp/a b", TooOpen: true, Err: agent.ErrUnsafeDir}, 1, "", "chmod 700 '/tmp/a b'"},
		{&agent.DirError{Dir: "/x", Err: agent.ErrUnsafeDir}, 1, "", "DAYPASS_RUNTIME_DIR=DIR"},
	} {
		check(t, r)
	}
}

func TestEvidenceOfASignIn(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		err  error
		want []Line
	}{
		{&login.UnansweredError{ClientID: "daypass", RedirectURI: "http://127.0.0.1:41167/callback", Err: context.DeadlineExceeded},
			[]Line{{"request", "client daypass"}, {"", "redirect http://127.0.0.1:41167/callback"}}},
		{&login.ClockError{At: now.Add(-58 * time.Minute), Now: now}, []Line{{"token", "expired 58 min ago (11:02)"}, {"local", "12:00"}}},
		{&login.ClockError{At: now.Add(58 * time.Minute), Now: now, Early: true}, []Line{{"token", "not valid before 12:58"}, {"local", "12:00"}}},
		{&login.ClockError{At: now.Add(time.Hour), Now: now, IdP: now.Add(2 * time.Hour)},
			[]Line{{"token", "expires at 13:00"}, {"local", "12:00"}, {"IdP", "14:00"}}},
		{&login.IdPError{Code: "invalid_scope", Scopes: []string{"openid", "offline_access"}}, []Line{{"request", "scopes openid offline_access"}}},
		{errors.New("x"), nil},
	} {
		if got := For(row.err, google, now).Evidence; fmt.Sprint(got) != fmt.Sprint(row.want) {
			t.Errorf("%v: evidence %v, want %v", row.err, got, row.want)
		}
	}
}

// After Cancel, the text names the identity provider and contains its description.
func TestDenied(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("signing in at x: %w", &login.IdPError{Code: "access_denied", Description: "The person pressed Cancel."})
	got := For(err, google, now)
	if want := "accounts.google.com denied the sign-in: The person pressed Cancel."; got.Doing != want {
		t.Errorf("Doing = %q, want %q", got.Doing, want)
	}
	if len(got.Evidence) != 1 || got.Evidence[0].Text != "access_denied" || got.ExitCode != ExitRefused {
		t.Errorf("got %+v, want the code as evidence and exit code %d", got, ExitRefused)
	}
	got = For(&login.IdPError{Code: "access_denied"}, Asked{}, now)
	if want := "the identity provider denied the sign-in"; got.Doing != want {
		t.Errorf("Doing = %q, want %q", got.Doing, want)
	}
}
