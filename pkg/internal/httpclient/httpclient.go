// Package httpclient makes the HTTP client for requests to the identity provider and AWS.
//
// The client uses the proxies in the environment, trusts a CA bundle as well as the system's roots, limits the size of
// responses, and names the proxy in an error if the proxy failed.
package httpclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"
)

// Options configure a client.
type Options struct {
	// CABundle is a PEM file with certificates to trust as well as the system's; "" means only the system's. ReadFile reads
	// at most limit bytes of it, at the first request.
	CABundle string
	ReadFile func(name string, limit int64) ([]byte, error)
	// DialContext opens connections; nil means net/http's default.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	// Step receives the method, host, status and duration of each request. It may be called by several goroutines at once.
	Step func(string)
}

// New returns a client.
func New(o Options) *http.Client {
	return &http.Client{Transport: &transport{Options: o, proxy: http.ProxyFromEnvironment, getenv: os.Getenv}}
}

const (
	// maxBundleBytes is far more than all public roots together, which are a quarter of a megabyte.
	maxBundleBytes = 16 << 20
	// maxResponseBytes is far more than any response that daypass needs. The SDK reads an error response to its end, however
	// long a proxy or a hostile server makes it.
	maxResponseBytes = 4 << 20
)

type transport struct {
	Options
	// proxy returns a request's proxy, or nil. It reads the same variables as getenv.
	proxy  func(*http.Request) (*url.URL, error)
	getenv func(string) string

	once  sync.Once
	inner *http.Transport
	err   error
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	t.once.Do(func() { t.inner, t.err = t.newInner() })
	err := t.err
	if err == nil {
		err = checkProxyVariable(request.URL, t.getenv)
	}
	if err != nil {
		if request.Body != nil {
			request.Body.Close()
		}
		return nil, settingError{err}
	}
	response, err := t.logged(request)
	if err == nil {
		err = t.refusedByProxy(request, response)
	}
	if err != nil {
		return nil, t.throughProxy(request, err)
	}
	response.Body = LimitBody(response.Body, maxResponseBytes)
	return response, nil
}

// settingError is an error in the settings. The AWS SDK must not retry the request.
type settingError struct{ error }

func (e settingError) Unwrap() error      { return e.error }
func (settingError) RetryableError() bool { return false }

// LimitBody returns body with a Read that fails when there are more than limit bytes.
func LimitBody(body io.ReadCloser, limit int64) io.ReadCloser {
	return &limitedBody{body, limit, limit}
}

type limitedBody struct {
	io.ReadCloser
	left, limit int64
}

func (b *limitedBody) Read(p []byte) (int, error) {
	p = p[:min(int64(len(p)), b.left+1)]
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("the response is larger than %d bytes", b.limit)
	}
	return n, err
}

// logged sends the request and calls Step, without the path and the query: they can contain secrets.
func (t *transport) logged(request *http.Request) (*http.Response, error) {
	if t.Step == nil {
		return t.inner.RoundTrip(request)
	}
	began := time.Now()
	response, err := t.inner.RoundTrip(request)
	outcome := "no response"
	if err == nil {
		outcome = response.Status
	}
	t.Step(fmt.Sprintf("%s %s: %s in %d ms", request.Method, request.URL.Host, outcome, time.Since(began).Milliseconds()))
	return response, err
}

func (t *transport) newInner() (*http.Transport, error) {
	inner := http.DefaultTransport.(*http.Transport).Clone()
	inner.Proxy, inner.OnProxyConnectResponse = t.proxy, connected
	if t.DialContext != nil {
		inner.DialContext = t.DialContext
	}
	if t.CABundle == "" {
		return inner, nil
	}
	pem, err := t.ReadFile(t.CABundle, maxBundleBytes)
	if err != nil {
		return nil, fmt.Errorf("reading the CA bundle: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading the CA bundle %q: it contains no certificate", t.CABundle)
	}
	inner.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return inner, nil
}
