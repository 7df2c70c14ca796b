// Package weburl decides which URLs are safe to send secrets to, and what of a URL is shown in messages.
package weburl

import (
	"net/netip"
	"net/url"
	"strings"
)

// IsSecure reports whether secrets may be sent to u: https, or http to this machine (RFC 9700 §2.6, RFC 8252 §8.3).
func IsSecure(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && IsLoopback(u.Hostname())
}

// IsLoopback reports whether a host without a port is "localhost" or a loopback address. It does not ask the DNS.
func IsLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}

// Host returns the host and port of a URL, or otherwise if raw is not a URL with a host.
func Host(raw, otherwise string) string {
	if u, err := url.Parse(raw); err == nil && u.Host != "" {
		return u.Host
	}
	return otherwise
}
