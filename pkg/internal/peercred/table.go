package peercred

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// errNobody says that there is no such connection any more, so nobody owns it.
var errNobody = errors.New("there is no such connection")

// ownerIn looks for the connection from local to remote in a table of proc_net_tcp(5) and returns its owner. Only
// established connections count: a closed socket has no owner, and is listed as root's.
func ownerIn(table string, local, remote netip.AddrPort) (uid int, err error) {
	const established = "01"
	for _, wide := range []bool{false, true} {
		_, rest, found := strings.Cut(table, ": "+tableForm(local, wide)+" "+tableForm(remote, wide)+" "+established+" ")
		if !found {
			continue
		}
		line, _, _ := strings.Cut(rest, "\n")
		fields := strings.Fields(line) // the queues, the timer, the retransmissions, the user
		if len(fields) < 4 {
			return 0, errors.New("a table of the kernel is incomplete")
		}
		return strconv.Atoi(fields[3])
	}
	return 0, errNobody
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
