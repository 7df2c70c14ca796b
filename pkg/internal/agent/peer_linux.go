package agent

import "golang.org/x/sys/unix"

// peerUID returns the user that bound or connected the other end (SO_PEERCRED).
func peerUID(fd int) (uint32, error) {
	peer, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0, err
	}
	return peer.Uid, nil
}
