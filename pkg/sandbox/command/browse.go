package command

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"

	"github.com/daypass/daypass/pkg/sandbox"
)

// userVariable says who signs in where this program is the browser.
const userVariable = "DAYPASS_SANDBOX_USER"

// browse is a person's browser: it opens the URL, signs in on the sandbox's page, and arrives where that leads.
// What the page at the end says is not for it to judge: daypass tells how the sign-in went.
func (t *Tool) browse(ctx context.Context, address string) error {
	client, err := trusting(lookup(t.environ, "AWS_CA_BUNDLE"))
	if err != nil {
		return err
	}
	if _, _, err := sandbox.BrowseAs(ctx, client, address, cmp.Or(lookup(t.environ, userVariable), "alice")); err != nil {
		return fmt.Errorf("browsing: %w", withoutURL(err))
	}
	return nil
}

// withoutURL drops the URL from an error of the HTTP client: a code may be in it.
func withoutURL(err error) error {
	if e, ok := err.(*url.Error); ok {
		return e.Err
	}
	return err
}

// trusting is a client that trusts the bundle; nil, the usual one, where there is none.
func trusting(bundle string) (*http.Client, error) {
	if bundle == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(bundle)
	if err != nil {
		return nil, fmt.Errorf("reading the CA bundle: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return &http.Client{Transport: transport}, nil
}

// isLoopbackURL reports whether the text is a page on this machine: no other is ever opened.
func isLoopbackURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
