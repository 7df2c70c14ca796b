package profile

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/daypass/daypass/pkg/internal/weburl"
)

// checkSecureURL accepts a URL that may be asked for secrets or trusted: https, or http to a loopback
// address or "localhost". It has a host and no user, query or fragment. Its errors quote the URL
// unless there may be a password in it.
func checkSecureURL(raw string) error {
	u, err := parseURL(raw)
	if err != nil {
		return err
	}
	switch {
	case weburl.IsSecure(u):
		return nil
	case u.Scheme == "http":
		return fmt.Errorf("%q is http to another machine: https is needed, http is for loopback addresses and localhost", raw)
	}
	return fmt.Errorf("%q is not an https URL", raw)
}

// parseURL parses an absolute URL with a host and perhaps a path, and nothing else.
func parseURL(raw string) (*url.URL, error) {
	if strings.Contains(raw, "@") {
		return nil, errors.New("a URL with @ in it: a user or password has no place there")
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

// urlHint shows a URL that lacks only its scheme with one, or returns "".
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

// validPort accepts no port at all and 0 to 65535.
func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	_, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil
}

// checkRedirect accepts what a native app may return to (RFC 8252 §7.3, §8.3): http on loopback.
// Without a port, or with port 0, any free one is taken.
func checkRedirect(raw string) error {
	u, err := parseURL(raw)
	if err != nil {
		return err
	}
	if u.Scheme != "http" {
		return fmt.Errorf("%q must be http: the browser returns to this machine only", raw)
	}
	switch u.Hostname() {
	case "127.0.0.1", "::1", "localhost":
		return nil
	}
	return fmt.Errorf("%q must have the host 127.0.0.1, [::1] or localhost", raw)
}
