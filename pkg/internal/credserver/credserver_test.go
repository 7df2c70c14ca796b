package credserver

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/internal/peercred"
	"github.com/daypass/daypass/pkg/secret"
)

const (
	keyText   = "wJalrEXAMPLEKEY"
	tokenText = "IQoJEXAMPLETOKEN=="
)

// lasting returns a credential that was issued now.
func lasting(now time.Time, life time.Duration) credential.Credential {
	return credential.Credential{
		AccessKeyID: "ASIA" + now.UTC().Format("150405.000000000"), SecretAccessKey: secret.New(keyText), SessionToken: secret.New(tokenText),
		Issued: now, Expiration: now.Add(life),
		Principal: credential.Principal{ARN: "arn:aws:sts::111122223333:assumed-role/PhotoUploader/alice"},
	}
}

// sourceFunc is a Source.
type sourceFunc func(context.Context) (credential.Credential, error)

func (f sourceFunc) Credential(ctx context.Context) (credential.Credential, error) { return f(ctx) }

// anHour returns a new credential each time.
var anHour = sourceFunc(func(context.Context) (credential.Credential, error) { return lasting(time.Now(), time.Hour), nil })

// heard collects events.
type heard struct {
	mu     sync.Mutex
	events []Event
}

func (h *heard) notify(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}

// refused returns the reasons of the Refused events.
func (h *heard) refused() (reasons []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.events {
		if refused, ok := e.(Refused); ok {
			reasons = append(reasons, refused.Reason)
		}
	}
	return reasons
}

// started runs a server until the test ends. Change may set its fields first.
func started(t *testing.T, change func(*Server)) (*Server, *heard) {
	t.Helper()
	s, err := Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	told := &heard{}
	s.Source, s.Notify = anHour, told.notify
	if change != nil {
		change(s)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s, told
}

// get sends the request of an SDK, which change may alter.
func get(t *testing.T, s *Server, change func(*http.Request)) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", s.Token().Reveal())
	if change != nil {
		change(r)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	s, told := started(t, nil)
	resp, body := get(t, s, nil)
	var got map[string]string
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if _, err := time.Parse("2006-01-02T15:04:05Z", got["Expiration"]); err != nil {
		t.Errorf("Expiration: %v", err)
	}
	if got["SecretAccessKey"] != keyText || got["Token"] != tokenText || got["AccountId"] != "111122223333" || !strings.HasPrefix(got["AccessKeyId"], "ASIA") {
		t.Error("the answer lacks a part of the credential")
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/json" || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("status %d, headers %v, want 200, JSON, no-store", resp.StatusCode, resp.Header)
	}
	if reasons := told.refused(); len(reasons) > 0 {
		t.Errorf("refused: %v", reasons)
	}
	if host, _, _ := net.SplitHostPort(s.listener.Addr().String()); host != "127.0.0.1" {
		t.Errorf("listens on %s, want 127.0.0.1 alone", host)
	}
}

// The Host header may have the port and name of a tunnel's other end.
func TestTunnelHost(t *testing.T) {
	t.Parallel()
	s, _ := started(t, nil)
	for _, host := range []string{"127.0.0.1:9911", "localhost:9911", "[::1]:80", "127.0.0.1", "localhost", "127.1.2.3:1", "LocalHost:1", "[::1]"} {
		if resp, body := get(t, s, func(r *http.Request) { r.Host = host }); resp.StatusCode != http.StatusOK {
			t.Errorf("Host %s is answered with %d %s, want 200", host, resp.StatusCode, body)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	host := func(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }
	method := func(name string) func(*http.Request) { return func(r *http.Request) { r.Method = name } }
	path := func(path string) func(*http.Request) { return func(r *http.Request) { r.URL.Path = path } }
	for _, row := range []struct {
		name, code string
		status     int
		change     func(*http.Request)
	}{
		{"no token", "no_token", 401, func(r *http.Request) { r.Header.Del("Authorization") }},
		{"an empty token", "wrong_token", 401, header("Authorization", "")},
		{"another token", "wrong_token", 401, header("Authorization", "MFRGGZDFMZTWQ2LKNNWG23TPOB")},
		{"the token twice", "wrong_token", 401, func(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) }},
		{"a scheme before it", "wrong_token", 401, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+r.Header.Get("Authorization")) }},
		{"a part of it", "wrong_token", 401, func(r *http.Request) { r.Header.Set("Authorization", r.Header.Get("Authorization")[:25]) }},
		{"a foreign Host", "foreign_host", 403, host("evil.example")},
		{"a Host that begins alike", "foreign_host", 403, host("127.0.0.1.evil.example:80")},
		{"another address", "foreign_host", 403, host("192.0.2.1:80")},
		{"the address of nothing", "foreign_host", 403, host("0.0.0.0:80")},
		{"an Origin", "browser", 403, header("Origin", "https://evil.example")},
		{"an Origin of null", "browser", 403, header("Origin", "null")},
		{"an empty Origin", "browser", 403, header("Origin", "")},
		{"a browser's own header", "browser", 403, header("Sec-Fetch-Site", "same-origin")},
		{"another of them", "browser", 403, header("sec-fetch-mode", "navigate")},
		{"POST", "method", 405, method("POST")},
		{"HEAD", "", 405, method("HEAD")},
		{"PUT", "method", 405, method("PUT")},
		{"OPTIONS", "method", 405, method("OPTIONS")},
		{"a method of its own", "method", 405, method("CREDENTIALS")},
		{"another path", "path", 404, path("/")},
		{"a path below", "path", 404, path("/credentials/")},
		{"a query", "path", 404, func(r *http.Request) { r.URL.RawQuery = "x=1" }},
		{"a body", "body", 413, func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(strings.NewReader("x")), 1 }},
		{"a body without a length", "body", 413, func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(strings.NewReader("x")), -1 }},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s, told := started(t, nil)
			resp, body := get(t, s, row.change)
			if resp.StatusCode != row.status || !strings.Contains(body, `"code":"`+row.code) && row.code != "" {
				t.Errorf("answered with %d %s, want %d %s", resp.StatusCode, body, row.status, row.code)
			}
			if row.status == 405 && resp.Header.Get("Allow") != "GET" {
				t.Errorf("Allow is %q, want GET", resp.Header.Get("Allow"))
			}
			if resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("headers %v, want no-store and nothing for other origins", resp.Header)
			}
			if reasons := told.refused(); len(reasons) != 1 {
				t.Errorf("events %q, want the refusal once", reasons)
			}
			wantNoHint(t, s, body+strings.Join(told.refused(), " "))
		})
	}
}

func wantNoHint(t *testing.T, s *Server, text string) {
	t.Helper()
	for _, hint := range []string{s.Token().Reveal(), s.Token().Reveal()[:4], keyText, tokenText, "evil", "MFRGG"} {
		if strings.Contains(text, hint) {
			t.Errorf("%q quotes %q", text, hint)
		}
	}
}

// Requests that are not HTTP, or are too long, are refused.
func TestMalformed(t *testing.T) {
	t.Parallel()
	s, told := started(t, nil)
	for name, text := range map[string]string{
		"headers that are too long": "GET /credentials HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 2*headerBytes) + "\r\n\r\n",
		"no Host":                   "GET /credentials HTTP/1.1\r\n\r\n",
		"not HTTP":                  "\x16\x03\x01\x00\xa5\x01\x00\x00\r\n\r\n",
		"a proxy request":           "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
		"the server as a whole":     "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"a whole URL":               "GET http://evil.example/credentials HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + s.Token().Reveal() + "\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", s.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if resp.StatusCode < 400 {
			t.Errorf("%s is answered with %d, want a refusal", name, resp.StatusCode)
		}
		conn.Close()
	}
	wantNoHint(t, s, strings.Join(told.refused(), " "))
}

// errSignIn is the error of Source when a person is needed.
var errSignIn = errors.New("sign-in required: secret-detail")

func explain(err error) Failure {
	if errors.Is(err, errSignIn) {
		return Failure{Code: "login_required", Message: "run daypass login", Final: true}
	}
	return Failure{Code: "unavailable", Message: "try again"}
}

// The Go SDK retries after 5xx and stops at 4xx.
func TestFailures(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		err     error
		explain func(error) Failure
		status  int
		code    string
	}{
		{errSignIn, explain, http.StatusForbidden, "login_required"},
		{errors.New("no network: secret-detail"), explain, http.StatusServiceUnavailable, "unavailable"},
		{errSignIn, nil, http.StatusServiceUnavailable, "unavailable"},
	} {
		s, _ := started(t, func(s *Server) {
			s.Explain = row.explain
			s.Source = sourceFunc(func(context.Context) (credential.Credential, error) { return credential.Credential{}, row.err })
		})
		resp, body := get(t, s, nil)
		if resp.StatusCode != row.status || !strings.Contains(body, row.code) || strings.Contains(body, "secret-detail") {
			t.Errorf("%v is answered with %d %s, want %d %s", row.err, resp.StatusCode, body, row.status, row.code)
		}
	}
}

// When the server is stopped, it completes the answers it has begun and a pending renewal, whose refresh token would be
// lost otherwise.
func TestGracefulStop(t *testing.T) {
	t.Parallel()
	s, err := Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	asked, answer := make(chan struct{}), make(chan struct{})
	s.Source = sourceFunc(func(ctx context.Context) (credential.Credential, error) {
		close(asked)
		select {
		case <-answer:
			return lasting(time.Now(), time.Hour), nil
		case <-ctx.Done():
			return credential.Credential{}, ctx.Err()
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	<-asked
	cancel()
	close(answer)
	if err := <-ended; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if s.refresher.cached.IsZero() {
		t.Error("the renewal was canceled")
	}
	if _, err := net.Dial("tcp", s.listener.Addr().String()); err == nil {
		t.Error("the port is still open")
	}
}

func TestListenOnTakenPort(t *testing.T) {
	t.Parallel()
	s, err := Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if other, err := Listen(s.listener.Addr().(*net.TCPAddr).Port); err == nil {
		other.Close()
		t.Error("two servers listen on one port")
	}
}

// One Refused event a second is sent for each reason, with the number of refusals in between.
func TestRefusedEventsAreLimited(t *testing.T) {
	t.Parallel()
	var r refusals
	now := time.Unix(1_800_000_000, 0)
	for i, row := range []struct {
		after  time.Duration
		reason string
		ok     bool
		more   int
	}{
		{0, "a", true, 0}, {0, "a", false, 0}, {0, "b", true, 0}, {refusedEvery / 2, "a", false, 0},
		{refusedEvery, "a", true, 2}, {2 * refusedEvery, "a", true, 0}, {-refusedEvery, "a", true, 0},
	} {
		e, ok := r.report(now.Add(row.after), row.reason, "127.0.0.1:1")
		if ok != row.ok || e.More != row.more {
			t.Errorf("step %d: reported %t with %d more, want %t with %d", i, ok, e.More, row.ok, row.more)
		}
	}
}

// A request of another user is refused even with the token. So is one whose user is not known, and the event says why.
func TestOtherUser(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name         string
		peer         peercred.Peer
		err          error
		status       int
		code, reason string
	}{
		{"this user", peercred.Self, nil, 200, "", ""},
		{"root, as in a container on the host's network", peercred.Root, nil, 200, "", ""},
		{"a system that cannot tell", peercred.Unsupported, nil, 200, "", ""},
		{"another user", peercred.Other, nil, 403, "other_user", "another user of this machine"},
		{"not known", peercred.Other, syscall.EMFILE, 503, "unknown_user", "cannot tell which user of this machine sent the request: " + syscall.EMFILE.Error()},
	} {
		s, told := started(t, func(s *Server) { s.peer = func(*http.Request) (peercred.Peer, error) { return row.peer, row.err } })
		resp, body := get(t, s, nil)
		if resp.StatusCode != row.status || !strings.Contains(body, row.code) {
			t.Errorf("%s: answered with %d %s, want %d %s", row.name, resp.StatusCode, body, row.status, row.code)
		}
		if reasons := strings.Join(told.refused(), "; "); !strings.Contains(reasons, row.reason) || (reasons == "") != (row.status == 200) {
			t.Errorf("%s: events %q, want the refusal %q", row.name, reasons, row.reason)
		}
		if row.status != 200 {
			wantNoHint(t, s, body)
		}
	}
}

// Connections that send nothing do not block a request with the token, whether they are this user's or another's.
func TestSilentConnections(t *testing.T) {
	t.Parallel()
	var others atomic.Bool
	s, _ := started(t, func(s *Server) {
		s.limit.Max, s.limit.MaxOthers = 2, 1
		s.limit.IsOther = func(net.Conn) bool { return others.Load() }
	})
	for _, isOther := range []bool{false, true} {
		others.Store(isOther)
		var oldest net.Conn
		for range 4 {
			conn, err := net.Dial("tcp", s.listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { conn.Close() })
			if oldest == nil {
				oldest = conn
			}
		}
		oldest.SetReadDeadline(time.Now().Add(headerTime - time.Second)) // the server would close it then in any case
		if _, err := io.Copy(io.Discard, oldest); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("another user: %t: the oldest of four silent connections is still open", isOther)
		}
	}
	others.Store(false)
	if resp, body := get(t, s, nil); resp.StatusCode != http.StatusOK {
		t.Errorf("next to silent connections a request is answered with %d %s, want 200", resp.StatusCode, body)
	}
}
