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

// What a program's steps are called is nobody's business; what came of them is.
func TestInWords(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9},
		Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	for _, row := range []struct {
		err  error
		want string
	}{
		{errors.New("nothing of Go's"), "x: nothing of Go's"},
		{refused, "x: connection refused"},
		{&url.Error{Op: "Post", URL: "https://idp.example.com/token?code=1", Err: refused}, "x: asking idp.example.com: connection refused"},
		{&net.OpError{Op: "proxyconnect", Net: "tcp", Err: refused}, "x: the proxy: connection refused"},
		{&url.Error{Op: "Get", URL: "https://idp.example.com/", Err: &httpclient.ProxyError{Proxy: "proxy.example:3128", Status: 407}},
			"x: asking idp.example.com: proxy proxy.example:3128 answered 407 Proxy Authentication Required"},
		{&url.Error{Op: "Get", URL: "https://idp.example.com/", Err: &httpclient.ProxyError{Proxy: "proxy.example:3128", Err: refused}},
			"x: asking idp.example.com: proxy proxy.example:3128: connection refused"},
		{&url.Error{Op: "Get", URL: "https://nowhere.example/", Err: &net.OpError{Op: "dial", Net: "tcp",
			Err: &net.DNSError{Err: "no such host", Name: "nowhere.example", Server: "127.0.0.53:53"}}}, "x: asking nowhere.example: no such host"},
		{&url.Error{Op: "Put", URL: "https://s3.example.com/", Err: io.EOF}, "x: asking s3.example.com: the connection ended without an answer"},
		{fmt.Errorf("reading: %w", context.DeadlineExceeded), "x: reading: no answer in time"},
		{&login.UnansweredError{Waited: 4 * time.Second, Err: context.DeadlineExceeded}, "x: nobody came back within 4 s"},
		{&login.UnansweredError{Waited: 5 * time.Minute, Err: context.DeadlineExceeded}, "x: nobody came back within 5 min"},
		{&login.ClockError{At: now.Add(-time.Hour), Now: now}, "x: it has expired"},
		{&login.ClockError{At: now.Add(time.Hour), Now: now, Early: true}, "x: it is not valid yet"},
		{&login.PortInUseError{Ports: []string{"8400"}}, "x: port 8400 is in use"},
	} {
		if got := InWords(fmt.Errorf("x: %w", row.err)); got != row.want {
			t.Errorf("InWords(%v) = %q, want %q", row.err, got, row.want)
		}
	}
}

// A time-out of net/http's own has a text of its own.
func TestInWordsOfTimeout(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	_, err := (&http.Client{Transport: &http.Transport{}, Timeout: time.Millisecond}).Get(server.URL)
	want := "asking " + strings.TrimPrefix(server.URL, "http://") + ": no answer in time"
	if err == nil || InWords(err) != want {
		t.Errorf("InWords(%v) = %q, want %q", err, InWords(err), want)
	}
}

// What used to have no advice.
func TestOurOwn(t *testing.T) {
	t.Parallel()
	const wellKnownURL = "https://accounts.google.com/.well-known/openid-configuration"
	for _, r := range []row{
		{&login.UnansweredError{Err: context.DeadlineExceeded}, 4, "the tab was closed", "daypass login --profile work"},
		{&login.UnansweredError{Elsewhere: true, Err: context.DeadlineExceeded}, 4, "browser profile or container", "daypass login --profile work --no-browser"},
		{&login.PortInUseError{Ports: []string{"8400"}}, 1, "another sign-in waits", "a second redirect_uri"},
		{&login.StatusError{Status: 404, URL: wellKnownURL}, 1, "not an issuer: " + wellKnownURL, "login.issuer with"},
		{&login.StatusError{Status: 503, URL: wellKnownURL}, 1, "in trouble", "again in a minute"},
		{&login.StatusError{Status: 500, URL: "https://x/token"}, 1, "in trouble", "again in a minute"},
		{&login.StatusError{Status: 407, URL: "https://x/token"}, 1, "a proxy", "HTTPS_PROXY"},
		{login.ErrNoDiscovery, 1, "not an issuer", "documentation"},
		{&login.ClockError{At: now, Now: now}, 1, "clock", "the clock here"},
		{&login.ClockError{At: now, Now: now, IdP: now.Add(-2 * time.Hour)}, 1, "the clock here and the identity provider's are 2 h apart", "a clock that is right"},
		{&identity.ClaimError{Name: "exp"}, 5, "iss, sub, aud, exp and iat", "the claims that"},
		{login.ErrOtherSignIn, 1, "another sign-in", "daypass login --profile work --again"},
		{&identity.NoValueError{Placeholder: "claim:team"}, 1, "no such claim", "role.session_name"},
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
			[]Line{{"asked", "client daypass"}, {"", "redirect http://127.0.0.1:41167/callback"}}},
		{&login.ClockError{At: now.Add(-58 * time.Minute), Now: now}, []Line{{"token", "expired 58 min ago (11:02)"}, {"here", "12:00"}}},
		{&login.ClockError{At: now.Add(58 * time.Minute), Now: now, Early: true}, []Line{{"token", "not valid before 12:58"}, {"here", "12:00"}}},
		{&login.ClockError{At: now.Add(time.Hour), Now: now, IdP: now.Add(2 * time.Hour)},
			[]Line{{"token", "expires at 13:00"}, {"here", "12:00"}, {"IdP", "14:00"}}},
		{&login.IdPError{Code: "invalid_scope", Scopes: []string{"openid", "offline_access"}}, []Line{{"asked", "scopes openid offline_access"}}},
		{errors.New("x"), nil},
	} {
		if got := For(row.err, google, now).Evidence; fmt.Sprint(got) != fmt.Sprint(row.want) {
			t.Errorf("%v: evidence %v, want %v", row.err, got, row.want)
		}
	}
}

// A person who pressed Cancel reads who did not let them in, and the identity provider's own words.
func TestDenied(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("signing in at x: %w", &login.IdPError{Code: "access_denied", Description: "The person pressed Cancel."})
	got := For(err, google, now)
	if want := "accounts.google.com did not let you in: The person pressed Cancel."; got.Doing != want {
		t.Errorf("Doing = %q, want %q", got.Doing, want)
	}
	if len(got.Evidence) != 1 || got.Evidence[0].Text != "access_denied" || got.ExitCode != ExitRefused {
		t.Errorf("got %+v, want the code as evidence and exit code %d", got, ExitRefused)
	}
	got = For(&login.IdPError{Code: "access_denied"}, Asked{}, now)
	if want := "the identity provider did not let you in"; got.Doing != want {
		t.Errorf("Doing = %q, want %q", got.Doing, want)
	}
}
