package peercred

import (
	"iter"
	"net/netip"
	"os"
)

// isOther asks the kernel for that one socket. If that fails it reads the kernel's tables: a kernel without the
// sock_diag module also answers that there is no such socket.
func isOther(client, server netip.AddrPort) bool {
	self := os.Geteuid()
	if owner, err := diagnosed(client, server); err == nil {
		return isAnother(owner, self)
	}
	return fromOther(client, server, self, connections(client.Addr()))
}

func isOurs(client, server netip.AddrPort) bool {
	self := os.Geteuid()
	if owner, err := diagnosed(client, server); err == nil {
		return !isAnother(owner, self)
	}
	for table := range connections(client.Addr()) {
		if owner, there := ownerIn(table, client, server); there {
			return !isAnother(owner, self)
		}
	}
	return false
}

// connections returns the kernel's tables that can contain a connection of that address. Both ends of a loopback
// connection are in the same network namespace, so a connection that is not in the tables has been closed.
func connections(ip netip.Addr) iter.Seq[string] {
	names := []string{"/proc/self/net/tcp6"}
	if ip.Unmap().Is4() {
		names = []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"}
	}
	return func(yield func(string) bool) {
		for _, name := range names {
			if table, err := os.ReadFile(name); err == nil && !yield(string(table)) {
				return
			}
		}
	}
}
