package peercred

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// Constants of netlink(7) and sock_diag(7), which returns a single connection.
const (
	diagByFamily  = 20 // SOCK_DIAG_BY_FAMILY
	headerLength  = 16 // of struct nlmsghdr
	requestLength = headerLength + 8 + 48
	stateOffset   = headerLength + 1
	ownerOffset   = headerLength + 4 + 48 + 12
	established   = 1
)

// diagnose returns the user that owns the client's end of the connection. The error is errNobody if the connection is
// not established, or if the kernel lacks tcp_diag.
func diagnose(client, server netip.AddrPort) (uid int, err error) {
	fd, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.NETLINK_INET_DIAG)
	if err != nil {
		return 0, err
	}
	defer syscall.Close(fd)
	if err := syscall.Sendto(fd, diagRequest(client, server), 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return 0, err
	}
	answer := make([]byte, 1024)
	n, from, err := syscall.Recvfrom(fd, answer, syscall.MSG_DONTWAIT) // the kernel has answered during Sendto
	if err != nil {
		return 0, err
	}
	if kernel, ok := from.(*syscall.SockaddrNetlink); !ok || kernel.Pid != 0 {
		return 0, errors.New("the answer is not from the kernel")
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

// ownerInAnswer reads inet_diag_msg, or nlmsgerr. A connection that is no longer established has no owner, and is
// reported as root's.
func ownerInAnswer(answer []byte) (uid int, err error) {
	if len(answer) < headerLength+4 {
		return 0, errBadAnswer
	}
	switch kind := binary.NativeEndian.Uint16(answer[4:]); {
	case kind == syscall.NLMSG_ERROR:
		if errno := syscall.Errno(-int32(binary.NativeEndian.Uint32(answer[headerLength:]))); errno != syscall.ENOENT {
			return 0, fmt.Errorf("%w: %w", errBadAnswer, errno)
		}
		return 0, errNobody
	case kind != diagByFamily || len(answer) < ownerOffset+4:
		return 0, errBadAnswer
	case answer[stateOffset] != established:
		return 0, errNobody
	}
	return int(binary.NativeEndian.Uint32(answer[ownerOffset:])), nil
}

var errBadAnswer = errors.New("the kernel did not name the connection's owner")
