// Package httpclient answers: how are the identity provider and AWS reached?
//
// Its client takes proxies from the environment and a CA bundle beside the system's roots, bounds what a server
// may answer, and names the proxy where that is what failed.
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

// Options are what a client can be given.
type Options struct {
	// CABundle is a file of certificates in PEM, to be trusted beside the system's; "" means the system's alone.
	// ReadFile reads it at the first request, and no more than limit bytes: a cached credential needs none.
	CABundle string
	ReadFile func(name string, limit int64) ([]byte, error)
	// DialContext opens connections; nil means net/http's own way.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	// Step is told each request: method, host, status and duration. It may be called by several goroutines at once.
	Step func(string)
}

// New returns a client.
func New(o Options) *http.Client {
	return &http.Client{Transport: &transport{Options: o, proxy: http.ProxyFromEnvironment, getenv: os.Getenv}}
}

const (
	// maxBundleBytes bounds a CA bundle: the world's roots together are a quarter of a megabyte.
	maxBundleBytes = 16 << 20
	// maxAnswerBytes bounds what any server answers. All that daypass reads is small, but the SDK reads an
	// error to its end, however long a proxy or a hostile endpoint makes it.
	maxAnswerBytes = 4 << 20
)

type transport struct {
	Options
	// proxy returns a request's proxy, nil for none. It reads the same variables as getenv.
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
	response.Body = LimitBody(response.Body, maxAnswerBytes)
	return response, nil
}

// settingError is the same for every request: the AWS SDK must not retry it.
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
		return 0, fmt.Errorf("the answer is larger than %d bytes", b.limit)
	}
	return n, err
}

// logged makes the request and tells Step. A path or a query could hold a secret.
func (t *transport) logged(request *http.Request) (*http.Response, error) {
	if t.Step == nil {
		return t.inner.RoundTrip(request)
	}
	began := time.Now()
	response, err := t.inner.RoundTrip(request)
	outcome := "no answer"
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
		return nil, fmt.Errorf("reading the CA bundle %q: there is no certificate in it", t.CABundle)
	}
	inner.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return inner, nil
}
