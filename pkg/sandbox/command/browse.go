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

// userVariable names the user who signs in when this program is the browser.
const userVariable = "DAYPASS_SANDBOX_USER"

// browse opens the URL and signs in on the sandbox's page, as a browser with a person would. It ignores the last
// page, because daypass itself reports how the sign-in ended.
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

// withoutURL removes the URL from an error of the HTTP client, because it may contain a code.
func withoutURL(err error) error {
	if e, ok := err.(*url.Error); ok {
		return e.Err
	}
	return err
}

// trusting returns a client that trusts the CA bundle. It returns nil, for the default client, if there is no bundle.
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

// isLoopbackURL reports whether the text is the URL of a page on this machine. browse opens no other.
func isLoopbackURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
