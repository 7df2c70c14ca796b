//go:build linux || darwin || freebsd

package agent

import (
	"errors"
	"fmt"
	"net"
	"os"
)

var errPeer = errors.New("the other end of the socket belongs to another user")

// checkPeer refuses a connection whose other end is not this user: root's included, who has an agent of
// its own.
func checkPeer(conn net.Conn) error {
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return fmt.Errorf("checking the peer: %w", err)
	}
	var uid uint32
	var fault error
	if err := raw.Control(func(fd uintptr) { uid, fault = peerUID(int(fd)) }); err != nil {
		return fmt.Errorf("checking the peer: %w", err)
	}
	if fault != nil {
		return fmt.Errorf("checking the peer: %w", fault)
	}
	if int(uid) != os.Geteuid() {
		return errPeer
	}
	return nil
}
