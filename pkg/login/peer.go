package login

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// fromOther reports whether another user of this machine makes the request. Every user sees the start
// page's address, in the launcher's arguments, and whoever is there before the browser could sign in as
// himself for the person. Root may: it forwards ports into containers and virtual machines. Where the
// system does not tell, the first browser is taken for the person's.
func fromOther(r *http.Request, self int, tables func(ip netip.Addr) []string) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if err != nil || !ok || self == 0 { // root serves whoever is at the screen
		return false
	}
	us, err := netip.ParseAddrPort(local.String())
	if err != nil {
		return false
	}
	texts := tables(peer.Addr())
	for _, table := range texts {
		if owner, there := ownerIn(table, peer, us); there {
			return owner != self && owner != 0
		}
	}
	return len(texts) > 0 // it hung up: a socket without an owner is nobody's browser
}

// ownerIn looks for the connection from local to remote in a table of proc_net_tcp(5), and returns the
// user that it belongs to. A socket that was closed has no owner, and stands there as root's.
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
