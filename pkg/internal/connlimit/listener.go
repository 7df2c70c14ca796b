package connlimit

import "net"

// queueLength is how many connections wait to be accepted, at most. Another user can fill the queue with connections
// that are closed again immediately, and everybody's next connection waits until all of them have been accepted: with
// the system's own length, which is 4,096 on Linux, for more than 0.1 s.
const queueLength = 512

// Listener returns a listener that drops connections which the client closed without sending anything, before a
// server spends time on them. Its queue is short on Linux.
func Listener(l net.Listener) net.Listener {
	setQueueLength(l, queueLength)
	return listener{l}
}

type listener struct{ net.Listener }

func (l listener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil || !wasClosed(conn) {
			return conn, err
		}
		conn.Close()
	}
}
