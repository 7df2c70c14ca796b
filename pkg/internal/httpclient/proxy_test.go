package httpclient

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const password = "s3cr-t"

// behind returns a client that sends every request through the proxy, even to loopback addresses.
func behind(t *testing.T, proxy string) *http.Client {
	t.Helper()
	u, err := url.Parse(strings.Replace(proxy, "://", "://alice:"+password+"@", 1))
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Transport: &transport{proxy: http.ProxyURL(u), getenv: func(string) string { return "" }}}
}

// The error names the proxy that refused a request, without its user and password.
func TestProxyRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		url, contentType string
		status           int
		named            bool
	}{
		{"https://idp.example.com/", "", 407, true},
		{"https://idp.example.com/", "", 403, true},
		{"https://idp.example.com/", "text/html", 503, true},
		{"https://idp.example.com/", "", 204, true}, // only 200 opens a tunnel
		{"http://idp.example.com/", "", 407, true},
		{"http://idp.example.com/", "text/html", 403, true},
		{"http://idp.example.com/", "text/html; charset=utf-8", 503, true},
		{"http://idp.example.com/", "application/json", 403, false}, // from the server
		{"http://idp.example.com/", "text/xml", 503, false},
		{"http://idp.example.com/", "text/html", 404, false},
	} {
		var asked string
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.Header.Get("Proxy-Authorization")
			w.Header().Add("Proxy-Authenticate", "Negotiate")
			w.Header().Add("Proxy-Authenticate", `NTLM realm="corp"`)
			w.Header().Set("Content-Type", tt.contentType)
			w.WriteHeader(tt.status)
		}))
		t.Cleanup(proxy.Close)
		response, err := behind(t, proxy.URL).Get(tt.url)
		if err == nil {
			response.Body.Close()
		}
		e, ok := errors.AsType[*ProxyError](err)
		if ok != tt.named {
			t.Errorf("%s, %d: error %v, want the proxy named: %v", tt.url, tt.status, err, tt.named)
			continue
		}
		if !ok {
			continue
		}
		want := fmt.Sprintf("proxy %s answered %d", strings.TrimPrefix(proxy.URL, "http://"), tt.status)
		if e.Status != tt.status || !strings.HasPrefix(e.Error(), want) || fmt.Sprint(e.Schemes) != "[Negotiate NTLM]" {
			t.Errorf("%s: %v with %v, want %s", tt.url, e, e.Schemes, want)
		}
		if asked == "" || strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "alice") {
			t.Errorf("%s: the proxy received %q, and the error is %v", tt.url, asked, err)
		}
	}
}

// The error names a proxy that cannot be reached.
func TestProxyUnreachable(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(nil)
	closed.Close()
	for _, target := range []string{"https://idp.example.com/", "http://idp.example.com/"} {
		_, err := behind(t, closed.URL).Get(target)
		e, ok := errors.AsType[*ProxyError](err)
		if !ok || e.Proxy != strings.TrimPrefix(closed.URL, "http://") || e.Status != 0 || !e.RetryableError() || strings.Contains(err.Error(), password) {
			t.Errorf("%s: %v, want the proxy named", target, err)
		}
	}
}

// Only transient errors are retried.
func TestProxyErrorIsRetried(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		e    ProxyError
		want bool
	}{{ProxyError{Status: 407}, false}, {ProxyError{Status: 403}, false}, {ProxyError{Status: 503}, true}, {ProxyError{Err: io.EOF}, false}} {
		if got := tt.e.RetryableError(); got != tt.want {
			t.Errorf("%v: %v, want %v", &tt.e, got, tt.want)
		}
	}
}

// http.ProxyFromEnvironment ignores a URL that it cannot parse, and takes «alice:12» of http://alice:12#34@proxy for the host.
func TestProxyVariable(t *testing.T) {
	t.Parallel()
	const special = " is not the URL of a proxy: in its user name and password, % must be written %25, # %23, / %2F and ? %3F"
	for _, tt := range []struct {
		target string
		env    map[string]string
		want   string
	}{
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": "http://alice:s3cr%zz@proxy.example:3128"}, "HTTPS_PROXY" + special},
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": "http://alice:s3cr#t@proxy.example:3128"}, "HTTPS_PROXY" + special},
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": "http://alice:12#34@proxy.example:3128"}, "HTTPS_PROXY" + special},
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": "http://alice:12/34@proxy.example:3128"}, "HTTPS_PROXY" + special},
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": "http://alice:12?34@proxy.example:3128"}, "HTTPS_PROXY" + special},
		{"https://idp.example.com/", map[string]string{"https_proxy": "alice:s3cr%zz@proxy.example:3128"}, "https_proxy" + special},
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": "http://"}, "HTTPS_PROXY is not the URL of a proxy"},
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": "http://proxy.example:port"}, "HTTPS_PROXY is not the URL of a proxy"},
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": " http://proxy.example"}, "HTTPS_PROXY is not the URL of a proxy"},
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": "http://proxy.example\n"}, "HTTPS_PROXY is not the URL of a proxy"},
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": "ftp://proxy.example"}, "HTTPS_PROXY does not begin with one of http://, https://, socks5://, socks5h://"},
		{"http://idp.example.com/", map[string]string{"HTTP_PROXY": "http://a:%@proxy.example"}, "HTTP_PROXY" + special},

		{"https://idp.example.com/", nil, ""},
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": "proxy.example:3128"}, ""},
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": "proxy.example"}, ""},
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": "http://alice:s3cr%25t%23@proxy.example:3128/"}, ""},
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": "http://alice:p@ss@proxy.example:3128"}, ""},
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": "socks5h://127.0.0.1:1080"}, ""},
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": "https://[::1]:3128"}, ""},
		{"https://idp.example.com/", map[string]string{"HTTPS_PROXY": "http://proxy.example", "https_proxy": "%"}, ""}, // as in net/http
		{"https://idp.example.com/", map[string]string{"HTTP_PROXY": "%"}, ""},
		{"https://127.0.0.1:9/", map[string]string{"HTTPS_PROXY": "%"}, ""}, // loopback is reached without a proxy
		{"http://localhost:9/", map[string]string{"HTTP_PROXY": "%"}, ""},
	} {
		target, err := url.Parse(tt.target)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := checkProxyVariable(target, func(name string) string { return tt.env[name] }); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s with %v:\n got %q\nwant %q", tt.target, tt.env, got, tt.want)
		}
	}
}

// No request is sent if the variable for its proxy is not valid.
func TestNoRequestWithAnInvalidVariable(t *testing.T) {
	t.Parallel()
	sent := false
	client := &http.Client{Transport: &transport{
		proxy:  func(*http.Request) (*url.URL, error) { sent = true; return nil, errors.New("sent") },
		getenv: func(string) string { return "http://alice:" + password + "%@proxy.example" },
	}}
	body := &closing{Reader: strings.NewReader("x")}
	_, err := client.Post("https://idp.example.com/", "", body)
	var sdk interface{ RetryableError() bool }
	if !errors.As(err, &sdk) || sdk.RetryableError() {
		t.Errorf("the SDK would retry %v", err)
	}
	if !errors.As(err, new(*ProxyVariableError)) || sent || !body.closed || strings.Contains(err.Error(), password) {
		t.Errorf("error %v, sent %v, body closed %v", err, sent, body.closed)
	}
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }
