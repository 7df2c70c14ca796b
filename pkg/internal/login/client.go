package login

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/daypass/daypass/pkg/internal/httpclient"
	"github.com/daypass/daypass/pkg/internal/weburl"
)

const (
	maxBodyBytes = 1 << 20
	requestLimit = 30 * time.Second
	maxRedirects = 5
)

// client limits a response to 1 MiB and a request to 30 seconds. It follows no redirect from https to http and none
// that repeats a form.
func (l *Login) client() *http.Client {
	base := l.HTTPClient
	if base == nil {
		base = http.DefaultClient
	}
	c := *base
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	c.Transport = boundedTransport{c.Transport}
	if c.Timeout == 0 || c.Timeout > requestLimit {
		c.Timeout = requestLimit
	}
	c.CheckRedirect = checkRedirect
	return &c
}

func checkRedirect(next *http.Request, via []*http.Request) error {
	switch first := via[0]; {
	case first.Method != http.MethodGet: // a 307 or 308 would send the code or the refresh token elsewhere
		return fmt.Errorf("%s redirects a form to %s", first.URL.Host, next.URL.Host)
	case len(via) > maxRedirects:
		return fmt.Errorf("%s redirects more than %d times", first.URL.Host, maxRedirects)
	case first.URL.Scheme == "https" && next.URL.Scheme != "https":
		return fmt.Errorf("%s redirects from https to %s", first.URL.Host, next.URL.Scheme)
	default:
		return secureURL("redirect", next.URL.String())
	}
}

type boundedTransport struct{ http.RoundTripper }

func (t boundedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = httpclient.LimitBody(resp.Body, maxBodyBytes)
	return resp, nil
}

// get fetches a public document.
func get(ctx context.Context, c *http.Client, from string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, withoutURL(err)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := c.Do(req)
	if err != nil {
		return nil, withoutURL(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, statusError(resp.StatusCode, from)
	}
	return io.ReadAll(resp.Body)
}

func statusError(status int, from string) error {
	return &StatusError{Status: status, URL: withoutQuery(from)}
}

// withoutURL removes the URL except for its host from net/http's errors: the query may contain secrets.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("contacting %s: %w", hostOf(wrapped.URL), wrapped.Err)
	}
	return err
}

// secureURL requires https, or http to a loopback address (RFC 9700 §2.6, RFC 8252 §8.3).
func secureURL(what, raw string) error {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return fmt.Errorf("the %s is missing", what)
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "":
		return fmt.Errorf("the %s %q is not a URL of the form https://HOST/PATH", what, withoutQuery(raw))
	case weburl.IsSecure(u):
		return nil
	default:
		return fmt.Errorf("the %s %q does not use https", what, withoutQuery(raw))
	}
}

func hostOf(raw string) string { return weburl.Host(raw, "the identity provider") }

func withoutQuery(raw string) string {
	before, _, _ := strings.Cut(raw, "?")
	return before
}
