package peercred

import (
	"iter"
	"net/netip"
	"os"
)

// isOther asks the kernel for that one socket, and looks through its tables where it may not ask or was
// not told: what answers «no such socket» may be a kernel without the module that knows.
func isOther(far, near netip.AddrPort) bool {
	self := os.Geteuid()
	if owner, err := diagnosed(far, near); err == nil {
		return isAnother(owner, self)
	}
	return fromOther(far, near, self, connections(far.Addr()))
}

func isOurs(far, near netip.AddrPort) bool {
	self := os.Geteuid()
	if owner, err := diagnosed(far, near); err == nil {
		return !isAnother(owner, self)
	}
	for table := range connections(far.Addr()) {
		if owner, there := ownerIn(table, far, near); there {
			return !isAnother(owner, self)
		}
	}
	return false
}

// connections are the kernel's tables that may have a connection of that address. Both ends of one on
// loopback are in the same network namespace, so that what is not there is gone.
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
