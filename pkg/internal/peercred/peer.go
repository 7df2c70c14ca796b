// Package peer answers: does this user of the machine make that request, or somebody else?
//
// A loopback port is open to every user. The kernel knows whose socket is at the other end of a
// connection; where the system does not tell, nobody counts as another.
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

// IsOther reports whether another user of this machine makes the request, or nobody any more. Root is no
// other: it forwards ports into containers and virtual machines. Only Linux tells.
func IsOther(r *http.Request) bool {
	far, near, ok := ends(r)
	return ok && isOther(far, near)
}

// IsOurs reports whether the system says that this user makes the request, or root. It is not IsOther's
// opposite: where nobody can tell, both are false.
func IsOurs(r *http.Request) bool {
	far, near, ok := ends(r)
	return ok && isOurs(far, near)
}

// ends are the addresses of a request's connection, the client's first.
func ends(r *http.Request) (far, near netip.AddrPort, ok bool) {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return far, near, false
	}
	far, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return far, near, false
	}
	near, err = netip.ParseAddrPort(local.String())
	return far, near, err == nil
}

// IsOtherConn is IsOther for a connection that was accepted.
func IsOtherConn(c net.Conn) bool {
	far, ok := c.RemoteAddr().(*net.TCPAddr)
	near, fine := c.LocalAddr().(*net.TCPAddr)
	return ok && fine && isOther(far.AddrPort(), near.AddrPort())
}

// fromOther looks for the owner of the far end in tables of proc_net_tcp(5).
func fromOther(far, near netip.AddrPort, self int, tables iter.Seq[string]) bool {
	told := false
	for table := range tables {
		told = true
		if owner, there := ownerIn(table, far, near); there {
			return isAnother(owner, self)
		}
	}
	return told // it hung up: a socket without an owner is nobody's
}

func isAnother(owner, self int) bool { return owner != self && owner != 0 }

// ownerIn looks for the connection from local to remote in a table of proc_net_tcp(5), and returns the
// user that it belongs to. A socket that was closed has no owner, and stands there as root's.
func ownerIn(table string, local, remote netip.AddrPort) (uid int, there bool) {
	const open = "01" // established
	forms := [][2]string{{tableForm(local, false), tableForm(remote, false)}, {tableForm(local, true), tableForm(remote, true)}}
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) < 8 || fields[3] != open {
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

// tableForm writes an address as the kernel does, in words of its own byte order; wide is IPv4 within
// IPv6, the form of a socket for both.
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
