package peercred

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"syscall"
	"time"
)

// The parts of sock_diag(7) that are used. A table of proc_net_tcp(5) is read whole for one row, which
// costs tens of milliseconds where many connections were closed lately.
const (
	diagByFamily  = 20 // SOCK_DIAG_BY_FAMILY
	requestLength = 16 + 8 + 48
	stateOffset   = 16 + 1
	ownerOffset   = 16 + 4 + 48 + 12
	established   = 1
)

// diagnosed returns the user who has the connection from far to near.
func diagnosed(far, near netip.AddrPort) (uid int, err error) {
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.NETLINK_INET_DIAG)
	if err != nil {
		return 0, fmt.Errorf("asking for a connection's owner: %w", err)
	}
	defer syscall.Close(fd)
	limit := syscall.NsecToTimeval(time.Second.Nanoseconds())
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &limit); err != nil {
		return 0, fmt.Errorf("asking for a connection's owner: %w", err)
	}
	if err := syscall.Sendto(fd, diagRequest(far, near), 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return 0, fmt.Errorf("asking for a connection's owner: %w", err)
	}
	answer := make([]byte, 4096)
	n, _, err := syscall.Recvfrom(fd, answer, 0)
	if err != nil {
		return 0, fmt.Errorf("asking for a connection's owner: %w", err)
	}
	return ownerInAnswer(answer[:n])
}

// diagRequest asks for one socket: a netlink header, inet_diag_req_v2, and in it inet_diag_sockid with far
// as the socket's own end.
func diagRequest(far, near netip.AddrPort) []byte {
	family, from, to := byte(syscall.AF_INET), far.Addr().Unmap().AsSlice(), near.Addr().Unmap().AsSlice()
	if len(from) != net4 || len(to) != net4 {
		family = syscall.AF_INET6
	}
	b := make([]byte, requestLength)
	binary.NativeEndian.PutUint32(b[0:], requestLength)
	binary.NativeEndian.PutUint16(b[4:], diagByFamily)
	binary.NativeEndian.PutUint16(b[6:], syscall.NLM_F_REQUEST)
	b[16], b[17] = family, syscall.IPPROTO_TCP
	binary.NativeEndian.PutUint32(b[20:], 1<<established)
	binary.BigEndian.PutUint16(b[24:], far.Port())
	binary.BigEndian.PutUint16(b[26:], near.Port())
	copy(b[28:44], from)
	copy(b[44:60], to)
	binary.NativeEndian.PutUint64(b[64:], ^uint64(0)) // INET_DIAG_NOCOOKIE
	return b
}

const net4 = 4 // bytes of an IPv4 address

// ownerInAnswer reads inet_diag_msg. One that is no longer established has no owner, and says root.
func ownerInAnswer(answer []byte) (uid int, err error) {
	if len(answer) < ownerOffset+4 || binary.NativeEndian.Uint16(answer[4:]) != diagByFamily || answer[stateOffset] != established {
		return 0, errors.New("asking for a connection's owner: there is no such connection")
	}
	return int(binary.NativeEndian.Uint32(answer[ownerOffset:])), nil
}
