// Package peercred finds out whether a connection to a loopback port comes from another user of this machine.
//
// Every user can connect to a loopback port. On Linux the kernel tells which user owns the other end of a connection.
// On other systems nobody counts as another user.
package peercred

import (
	"encoding/binary"
	"fmt"
	"iter"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// IsOther reports whether another user of this machine sent the request, or whether its connection has no owner any
// more. Root does not count as another user, because it forwards ports into containers and virtual machines. Only
// on Linux is the result ever true.
func IsOther(r *http.Request) bool {
	client, server, ok := ends(r)
	return ok && isOther(client, server)
}

// IsOurs reports whether this user or root sent the request. It is not the opposite of IsOther: if the owner is
// unknown, both are false.
func IsOurs(r *http.Request) bool {
	client, server, ok := ends(r)
	return ok && isOurs(client, server)
}

// ends returns the addresses of a request's connection.
func ends(r *http.Request) (client, server netip.AddrPort, ok bool) {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return client, server, false
	}
	client, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return client, server, false
	}
	server, err = netip.ParseAddrPort(local.String())
	return client, server, err == nil
}

// IsOtherConn is IsOther for an accepted connection.
func IsOtherConn(c net.Conn) bool {
	client, remoteOK := c.RemoteAddr().(*net.TCPAddr)
	server, localOK := c.LocalAddr().(*net.TCPAddr)
	return remoteOK && localOK && isOther(client.AddrPort(), server.AddrPort())
}

// fromOther looks for the owner of the client's end in tables of proc_net_tcp(5).
func fromOther(client, server netip.AddrPort, self int, tables iter.Seq[string]) bool {
	readable := false
	for table := range tables {
		readable = true
		if owner, there := ownerIn(table, client, server); there {
			return isAnother(owner, self)
		}
	}
	return readable // then the client has closed the connection, which no longer has an owner
}

func isAnother(owner, self int) bool { return owner != self && owner != 0 }

// ownerIn looks for the connection from local to remote in a table of proc_net_tcp(5) and returns its owner. Only
// established connections count: a closed socket has no owner, and is listed as root's.
func ownerIn(table string, local, remote netip.AddrPort) (uid int, there bool) {
	const established = "01"
	forms := [][2]string{{tableForm(local, false), tableForm(remote, false)}, {tableForm(local, true), tableForm(remote, true)}}
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) < 8 || fields[3] != established {
			continue
		}
		for _, form := range forms {
			if fields[1] == form[0] && fields[2] == form[1] {
				uid, err := strconv.Atoi(fields[7])
				return uid, err == nil
			}
		}
	}
	return 0, false
}

// tableForm formats an address as the kernel does, in 32-bit words of its own byte order. Wide maps IPv4 into IPv6,
// as for a socket that serves both.
func tableForm(a netip.AddrPort, wide bool) string {
	bytes := a.Addr().Unmap().AsSlice()
	if wide {
		all := a.Addr().As16()
		bytes = all[:]
	}
	var b strings.Builder
	for word := range len(bytes) / 4 {
		fmt.Fprintf(&b, "%08X", binary.NativeEndian.Uint32(bytes[4*word:]))
	}
	return fmt.Sprintf("%s:%04X", b.String(), a.Port())
}
