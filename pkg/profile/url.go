package profile

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/daypass/daypass/pkg/internal/weburl"
)

// checkSecureURL accepts a URL that is secure, and that has a host and no user, query or fragment. Its errors do not quote a
// URL that may contain a password.
func checkSecureURL(raw string) error {
	u, err := parseURL(raw)
	if err != nil {
		return err
	}
	switch {
	case weburl.IsSecure(u):
		return nil
	case u.Scheme == "http":
		return fmt.Errorf("%q must be https: http is only for loopback addresses and localhost", raw)
	}
	return fmt.Errorf("%q is not an https URL", raw)
}

// parseURL parses an absolute URL with a host and an optional path, and nothing else.
func parseURL(raw string) (*url.URL, error) {
	if strings.Contains(raw, "@") {
		return nil, errors.New("the URL contains @: a user or password is not allowed")
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Hostname() == "":
		return nil, fmt.Errorf("%q is not a URL", raw)
	case strings.ContainsAny(raw, "?#"):
		return nil, fmt.Errorf("%q has a query or a fragment", raw)
	case !validPort(u):
		return nil, fmt.Errorf("%q has no valid port", raw)
	}
	return u, nil
}

// urlHint returns a hint with the complete URL if raw lacks only the scheme, else "".
func urlHint(raw string) string {
	if strings.Contains(raw, "://") {
		return ""
	}
	for _, whole := range []string{"http://" + raw, "https://" + raw} {
		if checkSecureURL(whole) == nil {
			return "such as " + whole
		}
	}
	return ""
}

// validPort accepts a URL without a port, and ports 0 to 65535.
func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	_, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil
}

// checkRedirect accepts the redirect URIs of a native app (RFC 8252 §7.3, §8.3): http to a loopback address. Without a port,
// or with port 0, any free port is used.
func checkRedirect(raw string) error {
	u, err := parseURL(raw)
	if err != nil {
		return err
	}
	if u.Scheme != "http" {
		return fmt.Errorf("%q must be http: the browser returns to this machine", raw)
	}
	switch u.Hostname() {
	case "127.0.0.1", "::1", "localhost":
		return nil
	}
	return fmt.Errorf("%q must have the host 127.0.0.1, [::1] or localhost", raw)
}
