//go:build darwin || freebsd

package agent

import "golang.org/x/sys/unix"

// peerUID returns the user that bound or connected the other end (LOCAL_PEERCRED).
func peerUID(fd int) (uint32, error) {
	peer, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return 0, err
	}
	return peer.Uid, nil
}
