package login

import (
	"context"
	"net"
	"net/http"
	"slices"
	"sync"
)

// maxConns is how many connections are held at once: a browser opens six to one host.
const maxConns = 32

// crowd are the open connections, the oldest first. Any user of this machine can connect and say
// nothing, until no file descriptor is left for the browser or for the way to the IdP. So the oldest
// is hung up on when one too many comes, but never one that showed our cookie.
type crowd struct {
	mu   sync.Mutex
	open []net.Conn
	ours map[net.Conn]bool
}

// connKey is under which a request's context has its connection.
type connKey struct{}

// watch has the server tell of its connections.
func (c *crowd) watch(s *http.Server) {
	c.ours = map[net.Conn]bool{}
	s.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, conn)
	}
	s.ConnState = func(conn net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			c.enter(conn)
		case http.StateClosed:
			c.leave(conn)
		}
	}
}

func (c *crowd) enter(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = append(c.open, conn)
	if len(c.open) <= maxConns {
		return
	}
	if oldest := slices.IndexFunc(c.open, func(other net.Conn) bool { return !c.ours[other] }); oldest >= 0 {
		c.open[oldest].Close() // its goroutine tells StateClosed later, which then finds it gone
		c.open = slices.Delete(c.open, oldest, oldest+1)
	}
}

func (c *crowd) leave(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.ours, conn)
	c.open = slices.DeleteFunc(c.open, func(other net.Conn) bool { return other == conn })
}

// keep holds on to the connection of a request that showed our cookie.
func (c *crowd) keep(r *http.Request) {
	conn, _ := r.Context().Value(connKey{}).(net.Conn)
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.Contains(c.open, conn) {
		c.ours[conn] = true
	}
}
