package connlimit

import (
	"net"
	"syscall"
)

// setQueueLength calls listen(2) again. The queue keeps its length if that fails.
func setQueueLength(l net.Listener, length int) {
	control(l, func(fd int) { _ = syscall.Listen(fd, length) })
}

// wasClosed reports whether the client has closed the connection and sent nothing.
func wasClosed(conn net.Conn) (closed bool) {
	control(conn, func(fd int) {
		n, _, err := syscall.Recvfrom(fd, make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		closed = n == 0 && err == nil || err == syscall.ECONNRESET
	})
	return closed
}

func control(socket any, do func(fd int)) {
	if conn, ok := socket.(syscall.Conn); ok {
		if raw, err := conn.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) { do(int(fd)) })
		}
	}
}
