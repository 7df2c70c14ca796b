// Package connlimit answers: how does a server on a loopback port stay reachable when somebody opens
// connection after connection?
//
// Every user of this machine can connect to such a port and send nothing, until no file descriptor is left
// for the requests that the port is for.
package connlimit

import (
	"context"
	"net"
	"net/http"
	"slices"
	"sync"
)

// Limit bounds the open connections of a server. When one too many comes, the oldest one is closed. Its
// exported fields are set before Watch.
type Limit struct {
	// Max is how many connections are open at most, not counting exempt ones.
	Max int
	// IsOther reports whether another user opened the connection. Such connections count separately, up to
	// MaxOthers, and so take no place from this user's. Nil: nobody is another user.
	IsOther   func(net.Conn) bool
	MaxOthers int

	mu   sync.Mutex
	open []*connection // the oldest first, without exempt ones
}

type connection struct {
	net.Conn
	isOther bool
}

// connKey is the key of a request's connection in its context.
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

// Exempt takes the request's connection out of the limit: it is not counted any more and never closed for a
// newer one. It is for requests that have proved whose they are.
func (l *Limit) Exempt(r *http.Request) {
	if c, ok := r.Context().Value(connKey{}).(*connection); ok {
		l.leave(c.Conn)
	}
}

// IsOther reports whether another user sent the request, or whether that is unknown because no Limit watches
// its server.
func IsOther(r *http.Request) bool {
	c, ok := r.Context().Value(connKey{}).(*connection)
	return !ok || c.isOther
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
		l.open[oldest].Close() // the server reports StateClosed later and then finds it gone
		l.open = slices.Delete(l.open, oldest, oldest+1)
	}
	return c
}

func (l *Limit) leave(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = slices.DeleteFunc(l.open, func(c *connection) bool { return c.Conn == conn })
}
