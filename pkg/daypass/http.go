package daypass

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/daypass/daypass/pkg/profile"
)

// httpClient serves the IdP and AWS alike: proxies from the environment, the profile's CA bundle beside
// the system's roots. The bundle is read at the first request, for a kept credential needs none; warn, which
// may be nil, hears if another user can change it.
func httpClient(p profile.Profile, step func(string), warn func(error)) *http.Client {
	return &http.Client{Transport: &transport{caBundle: p.CABundle, step: step, warn: warn}}
}

const (
	// maxBundleBytes bounds a CA bundle: the world's roots together are a quarter of a megabyte.
	maxBundleBytes = 16 << 20
	// maxAnswerBytes bounds what any server answers. All that daypass reads is small, but the SDK reads an
	// error to its end, however long a proxy or a hostile endpoint makes it.
	maxAnswerBytes = 4 << 20
)

type transport struct {
	caBundle string
	step     func(string)
	warn     func(error)
	once     sync.Once
	inner    *http.Transport
	err      error
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	t.once.Do(func() { t.inner, t.err = newTransport(t.caBundle, t.warn) })
	if t.err != nil {
		return nil, t.err
	}
	response, err := t.told(request)
	if err != nil {
		return nil, err
	}
	response.Body = &boundedBody{response.Body, maxAnswerBytes}
	return response, nil
}

// boundedBody fails once more than left bytes were read.
type boundedBody struct {
	io.ReadCloser
	left int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("the answer is longer than %d bytes", maxAnswerBytes)
	}
	return n, err
}

// told makes the request and tells of it: method, host, status and duration. A path or a query could
// hold what is nobody's business.
func (t *transport) told(request *http.Request) (*http.Response, error) {
	if t.step == nil {
		return t.inner.RoundTrip(request)
	}
	began := time.Now()
	response, err := t.inner.RoundTrip(request)
	outcome := "no answer"
	if err == nil {
		outcome = response.Status
	}
	t.step(fmt.Sprintf("%s %s: %s in %d ms", request.Method, request.URL.Host, outcome, time.Since(began).Milliseconds()))
	return response, err
}

func newTransport(caBundle string, warn func(error)) (*http.Transport, error) {
	inner := http.DefaultTransport.(*http.Transport).Clone()
	if caBundle == "" {
		return inner, nil
	}
	pem, exposed, err := profile.ReadTrusted(caBundle, maxBundleBytes)
	if err != nil {
		return nil, fmt.Errorf("reading the CA bundle: %w", err)
	}
	if exposed != nil && warn != nil {
		warn(exposed)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading the CA bundle %q: there is no certificate in it", caBundle)
	}
	inner.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return inner, nil
}
