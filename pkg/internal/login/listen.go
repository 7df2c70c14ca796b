package login

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"syscall"
)

const (
	defaultRedirectURI = "http://127.0.0.1/callback"
	// portTries bounds the search for a port that is free in both families.
	portTries = 16
)

// port is the loopback port of one sign-in, held from before the browser opens until the answer.
type port struct {
	listeners []net.Listener
	redirect  url.URL
	fixed     bool // by the redirect URI
}

// listen holds the port of the first redirect URI whose port is free.
func listen(ctx context.Context, redirectURIs []string) (*port, error) {
	if len(redirectURIs) == 0 {
		redirectURIs = []string{defaultRedirectURI}
	}
	var causes []error
	var taken []string
	for _, uri := range redirectURIs {
		redirect, err := parseRedirectURI(uri)
		if err != nil {
			return nil, err
		}
		p, err := hold(ctx, redirect)
		if err == nil {
			return p, nil
		}
		if isInUse(err) {
			taken = append(taken, redirect.Port())
		}
		causes = append(causes, fmt.Errorf("%q: %w", uri, err))
	}
	if len(taken) == len(redirectURIs) {
		return nil, &PortInUseError{Ports: taken}
	}
	return nil, fmt.Errorf("holding a port for the browser's answer: %w", errors.Join(causes...))
}

// isInUse knows Windows's own number too (WSAEADDRINUSE), which package syscall there does not.
func isInUse(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.Errno(10048))
}

// parseRedirectURI allows only what RFC 8252 §7.3 and §8.3 do: this machine's own addresses, over http.
func parseRedirectURI(uri string) (url.URL, error) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "http" || len(addresses(u.Hostname())) == 0 ||
		u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return url.URL{}, fmt.Errorf("the redirect URI %q is not http://, one of 127.0.0.1, [::1] and localhost, a port and a path",
			withoutQuery(uri))
	}
	if _, err := strconv.ParseUint(u.Port(), 10, 16); u.Port() != "" && err != nil {
		return url.URL{}, fmt.Errorf("the redirect URI %q has no port between 0 and 65535", uri)
	}
	return *u, nil
}

// addresses are what a browser may connect to for that host.
func addresses(host string) []string {
	switch strings.ToLower(host) {
	case "127.0.0.1", "::1":
		return []string{host}
	case "localhost":
		return []string{"127.0.0.1", "::1"}
	}
	return nil
}

// hold listens on the redirect URI's port, or on any free one, at each of its host's addresses: with
// localhost the browser chooses the family, and whoever else held the other one would get the code.
func hold(ctx context.Context, redirect url.URL) (*port, error) {
	wanted := redirect.Port()
	anyPort := wanted == "" || wanted == "0"
	var err error
	for range portTries {
		p := &port{redirect: redirect, fixed: !anyPort}
		if err = p.bind(ctx, wanted); err == nil {
			return p, nil
		}
		p.close()
		if !anyPort {
			break
		}
	}
	return nil, err
}

func (p *port) bind(ctx context.Context, wanted string) error {
	if wanted == "" {
		wanted = "0"
	}
	var missing error
	for _, address := range addresses(p.redirect.Hostname()) {
		listener, err := listenTCP(ctx, address, wanted)
		switch {
		case err == nil:
			p.listeners = append(p.listeners, listener)
			_, wanted, _ = net.SplitHostPort(listener.Addr().String())
		case hasFamily(ctx, address):
			return err
		default:
			missing = err
		}
	}
	if len(p.listeners) == 0 {
		return missing
	}
	p.redirect.Host = net.JoinHostPort(p.redirect.Hostname(), wanted)
	return nil
}

func listenTCP(ctx context.Context, address, port string) (net.Listener, error) {
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", net.JoinHostPort(address, port))
}

// hasFamily tells a port in use from an address that this machine does not have, on every platform.
func hasFamily(ctx context.Context, address string) bool {
	listener, err := listenTCP(ctx, address, "0")
	if err != nil {
		return false
	}
	listener.Close()
	return true
}

// close lets go of the port. It may be called twice.
func (p *port) close() {
	for _, listener := range p.listeners {
		listener.Close()
	}
}

// redirectURI is spelled as in the profile, with the port that is held: IdPs compare it byte by byte.
func (p *port) redirectURI() string { return p.redirect.String() }

func (p *port) callbackPath() string {
	if p.redirect.Path == "" {
		return "/"
	}
	return p.redirect.Path
}

// path is the way to a page of ours that is not the callback's.
func (p *port) path(name string) string {
	if name == p.callbackPath() {
		return name + "-page"
	}
	return name
}

func (p *port) startURL() string {
	return (&url.URL{Scheme: "http", Host: p.redirect.Host, Path: p.path("/start")}).String()
}

// answersTo reports whether a Host header is the redirect URI's, so that no page can reach us under a
// name of its own (DNS rebinding). Browsers leave port 80 out.
func (p *port) answersTo(host string) bool {
	return strings.EqualFold(host, p.redirect.Host) ||
		p.redirect.Port() == "80" && strings.EqualFold(host+":80", p.redirect.Host)
}
