//go:build !linux && !darwin && !freebsd

package agent

import "net"

// checkPeer is not possible here: only the directory's permissions protect the socket.
func checkPeer(net.Conn) error { return nil }
