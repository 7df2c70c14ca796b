// Package peercred finds out which user of this machine is at the other end of a connection to a loopback port.
//
// Every user can connect to a loopback port. On Linux the kernel tells which user owns the other end of a connection.
// Other systems tell this only through their own libraries, which daypass does not use.
package peercred

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
)

// Peer is the user at the other end of a connection.
type Peer int

const (
	// Other is another user, or nobody: the connection has been closed, and has no owner any more. It is also the
	// result if there is an error.
	Other Peer = iota
	// Self is the user that this process runs as.
	Self
	// Root is root, if this process does not run as root.
	Root
	// Unsupported means that no connection's owner is known on this platform.
	Unsupported
)

// Checker checks the connections to one listener.
type Checker struct{ lookup }

// New returns a Checker. It makes a connection of its own, to find out how the kernel can be asked.
func New() *Checker {
	c := &Checker{}
	c.prepare()
	return c
}

// Request returns the user that sent the request. If there is an error, the user is not known, and Other is returned.
func (c *Checker) Request(r *http.Request) (Peer, error) {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return Other, errors.New("the request came through no listener")
	}
	client, clientErr := netip.ParseAddrPort(r.RemoteAddr)
	server, serverErr := netip.ParseAddrPort(local.String())
	if err := errors.Join(clientErr, serverErr); err != nil {
		return Other, err
	}
	return c.peer(client, server)
}

// IsOther reports whether the other end of an accepted connection belongs to another user or to nobody. It returns
// false if that can only be found out slowly; Request decides then.
func (c *Checker) IsOther(conn net.Conn) bool {
	client, remoteOK := conn.RemoteAddr().(*net.TCPAddr)
	server, localOK := conn.LocalAddr().(*net.TCPAddr)
	return remoteOK && localOK && c.isOther(client.AddrPort(), server.AddrPort())
}

// peerOf compares a connection's owner with the user of this process.
func peerOf(owner, self int) Peer {
	switch owner {
	case self:
		return Self
	case 0:
		return Root
	}
	return Other
}
