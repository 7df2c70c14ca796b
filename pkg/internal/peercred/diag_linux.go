package peercred

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"syscall"
	"time"
)

// Constants of sock_diag(7), which returns a single connection. The alternative is to read a whole table of
// proc_net_tcp(5); that takes tens of milliseconds if many connections were closed recently.
const (
	diagByFamily  = 20 // SOCK_DIAG_BY_FAMILY
	requestLength = 16 + 8 + 48
	stateOffset   = 16 + 1
	ownerOffset   = 16 + 4 + 48 + 12
	established   = 1
)

// diagnosed returns the user that owns the client's end of the connection.
func diagnosed(client, server netip.AddrPort) (uid int, err error) {
	uid, err = diagnose(client, server)
	if err != nil {
		return 0, fmt.Errorf("looking up a connection's owner: %w", err)
	}
	return uid, nil
}

func diagnose(client, server netip.AddrPort) (uid int, err error) {
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.NETLINK_INET_DIAG)
	if err != nil {
		return 0, err
	}
	defer syscall.Close(fd)
	limit := syscall.NsecToTimeval(time.Second.Nanoseconds())
	if err := syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &limit); err != nil {
		return 0, err
	}
	if err := syscall.Sendto(fd, diagRequest(client, server), 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return 0, err
	}
	answer := make([]byte, 4096)
	n, _, err := syscall.Recvfrom(fd, answer, 0)
	if err != nil {
		return 0, err
	}
	return ownerInAnswer(answer[:n])
}

// diagRequest returns the request for one socket: a netlink header and inet_diag_req_v2, which contains
// inet_diag_sockid with the client's end as the socket's own.
func diagRequest(client, server netip.AddrPort) []byte {
	family, from, to := byte(syscall.AF_INET), client.Addr().Unmap().AsSlice(), server.Addr().Unmap().AsSlice()
	if len(from) != net4 || len(to) != net4 {
		family = syscall.AF_INET6
	}
	b := make([]byte, requestLength)
	binary.NativeEndian.PutUint32(b[0:], requestLength)
	binary.NativeEndian.PutUint16(b[4:], diagByFamily)
	binary.NativeEndian.PutUint16(b[6:], syscall.NLM_F_REQUEST)
	b[16], b[17] = family, syscall.IPPROTO_TCP
	binary.NativeEndian.PutUint32(b[20:], 1<<established)
	binary.BigEndian.PutUint16(b[24:], client.Port())
	binary.BigEndian.PutUint16(b[26:], server.Port())
	copy(b[28:44], from)
	copy(b[44:60], to)
	binary.NativeEndian.PutUint64(b[64:], ^uint64(0)) // INET_DIAG_NOCOOKIE
	return b
}

const net4 = 4 // bytes of an IPv4 address

// ownerInAnswer reads inet_diag_msg. A connection that is no longer established has no owner, and is reported as
// root's.
func ownerInAnswer(answer []byte) (uid int, err error) {
	if len(answer) < ownerOffset+4 || binary.NativeEndian.Uint16(answer[4:]) != diagByFamily || answer[stateOffset] != established {
		return 0, errors.New("there is no such connection")
	}
	return int(binary.NativeEndian.Uint32(answer[ownerOffset:])), nil
}
