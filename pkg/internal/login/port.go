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
	// portTries limits the search for a port that is free for both IPv4 and IPv6.
	portTries = 16
)

// port is the loopback port of one sign-in. It is bound before the browser opens.
type port struct {
	listeners []net.Listener
	redirect  url.URL
	fixed     bool // the redirect URI names the port
}

// listen binds the port of the first redirect URI whose port is free.
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
		p, err := bind(ctx, redirect)
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
	return nil, fmt.Errorf("binding a port for the redirect URI: %w", errors.Join(causes...))
}

// isInUse also checks for WSAEADDRINUSE, which package syscall on Windows does not define.
func isInUse(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.Errno(10048))
}

// parseRedirectURI accepts only loopback addresses over http (RFC 8252 §7.3, §8.3).
func parseRedirectURI(uri string) (url.URL, error) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "http" || len(addresses(u.Hostname())) == 0 ||
		u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return url.URL{}, fmt.Errorf("the redirect URI %q is not of the form http://HOST:PORT/PATH, where HOST is 127.0.0.1, [::1] or localhost",
			withoutQuery(uri))
	}
	if _, err := strconv.ParseUint(u.Port(), 10, 16); u.Port() != "" && err != nil {
		return url.URL{}, fmt.Errorf("the port of the redirect URI %q is not between 0 and 65535", uri)
	}
	return *u, nil
}

// addresses returns the addresses that a browser may connect to for that host.
func addresses(host string) []string {
	switch strings.ToLower(host) {
	case "127.0.0.1", "::1":
		return []string{host}
	case "localhost":
		return []string{"127.0.0.1", "::1"}
	}
	return nil
}

// bind listens on the redirect URI's port, or on any free port, at each address of its host. With localhost, the browser
// chooses between IPv4 and IPv6; a process that listens at the other address would receive the code.
func bind(ctx context.Context, redirect url.URL) (*port, error) {
	wanted := redirect.Port()
	anyPort := wanted == "" || wanted == "0"
	var err error
	for range portTries {
		p := &port{redirect: redirect, fixed: !anyPort}
		if err = p.listen(ctx, wanted); err == nil {
			return p, nil
		}
		p.close()
		if !anyPort {
			break
		}
	}
	return nil, err
}

func (p *port) listen(ctx context.Context, wanted string) error {
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

// hasFamily reports whether this machine has the address, so that a failure to listen there means that the port is in
// use. It works on every platform.
func hasFamily(ctx context.Context, address string) bool {
	listener, err := listenTCP(ctx, address, "0")
	if err != nil {
		return false
	}
	listener.Close()
	return true
}

// close releases the port. It may be called twice.
func (p *port) close() {
	for _, listener := range p.listeners {
		listener.Close()
	}
}

// redirectURI is spelled as in the profile, with the bound port: IdPs compare it byte by byte.
func (p *port) redirectURI() string { return p.redirect.String() }

func (p *port) callbackPath() string {
	if p.redirect.Path == "" {
		return "/"
	}
	return p.redirect.Path
}

// path returns the path of a page of ours. It differs from the redirect URI's path.
func (p *port) path(name string) string {
	if name == p.callbackPath() {
		return name + "-page"
	}
	return name
}

func (p *port) startURL() string {
	return (&url.URL{Scheme: "http", Host: p.redirect.Host, Path: p.path("/start")}).String()
}

// isHost reports whether a Host header is the redirect URI's, so that no web page can send requests under its own host
// name (DNS rebinding). Browsers omit port 80.
func (p *port) isHost(host string) bool {
	return strings.EqualFold(host, p.redirect.Host) ||
		p.redirect.Port() == "80" && strings.EqualFold(host+":80", p.redirect.Host)
}
