//go:build !linux

package connlimit

import "net"

func setQueueLength(net.Listener, int) {}

func wasClosed(net.Conn) bool { return false }
