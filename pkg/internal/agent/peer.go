//go:build linux || darwin || freebsd

package agent

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
)

var errPeer = errors.New("the other end of the socket belongs to another user")

// checkPeer refuses a connection whose other end is not this user. Root is refused too: it has its own agent.
func checkPeer(conn net.Conn) error {
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return fmt.Errorf("checking the peer: %w", err)
	}
	var uid uint32
	var peerErr error
	err = raw.Control(func(fd uintptr) { uid, peerErr = peerUID(int(fd)) })
	if err := cmp.Or(err, peerErr); err != nil {
		return fmt.Errorf("checking the peer: %w", err)
	}
	if int(uid) != os.Geteuid() {
		return errPeer
	}
	return nil
}
