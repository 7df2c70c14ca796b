package policy

import (
	"net/netip"
	"strings"
)

// prefix parses an address range. A bare address is a range of one.
func prefix(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		return netip.ParsePrefix(text)
	}
	address, err := netip.ParseAddr(text)
	return netip.PrefixFrom(address, address.BitLen()), err
}

func isPrefix(want string) bool {
	_, err := prefix(want)
	return err == nil
}

func inPrefix(want pattern, got string) bool {
	p, err := prefix(string(want))
	address, err2 := netip.ParseAddr(got)
	return err == nil && err2 == nil && (p.Contains(address) || p.Contains(address.Unmap()))
}
