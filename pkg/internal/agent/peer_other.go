//go:build !linux && !darwin && !freebsd

package agent

import "net"

// checkPeer has nothing to ask here: the directory's own permissions must do.
func checkPeer(net.Conn) error { return nil }
