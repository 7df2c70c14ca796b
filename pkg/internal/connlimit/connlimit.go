// Package connlimit limits the open connections of a server on a loopback port.
//
// Every user of this machine can connect to such a port and send nothing. Without a limit, the server could run out of
// file descriptors for its real clients.
package connlimit

import (
	"context"
	"net"
	"net/http"
	"slices"
	"sync"
)

// Limit limits the open connections of a server. When there is one too many, the oldest one is closed. The exported
// fields are set before Watch.
type Limit struct {
	// Max is the largest number of open connections, without exempt ones.
	Max int
	// IsOther reports whether another user opened the connection. Such connections are counted separately, up to
	// MaxOthers, so that they do not displace this user's. If IsOther is nil, nobody is another user. The server accepts
	// no other connection meanwhile.
	IsOther   func(net.Conn) bool
	MaxOthers int

	mu   sync.Mutex
	open []*connection // the oldest first; exempt ones are removed
}

type connection struct {
	net.Conn
	isOther bool
}

// connKey is the context key of a request's connection.
type connKey struct{}

// Watch applies the limit to the server's connections. It sets ConnContext and ConnState.
func (l *Limit) Watch(s *http.Server) {
	s.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, l.enter(conn))
	}
	s.ConnState = func(conn net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			l.leave(conn)
		}
	}
}

// Exempt excludes the request's connection from the limit: it is no longer counted, and never closed for a newer one.
// It is for authenticated requests.
func (l *Limit) Exempt(r *http.Request) {
	if c, ok := r.Context().Value(connKey{}).(*connection); ok {
		l.leave(c.Conn)
	}
}

func (l *Limit) enter(conn net.Conn) *connection {
	c := &connection{Conn: conn, isOther: l.IsOther != nil && l.IsOther(conn)}
	most := l.Max
	if c.isOther {
		most = l.MaxOthers
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = append(l.open, c)
	oldest, count := 0, 0
	for i, each := range slices.Backward(l.open) {
		if each.isOther == c.isOther {
			oldest, count = i, count+1
		}
	}
	if count > most {
		l.open[oldest].Close() // the server reports StateClosed later, which then changes nothing
		l.open = slices.Delete(l.open, oldest, oldest+1)
	}
	return c
}

func (l *Limit) leave(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = slices.DeleteFunc(l.open, func(c *connection) bool { return c.Conn == conn })
}
