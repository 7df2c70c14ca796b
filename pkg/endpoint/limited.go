package endpoint

import (
	"context"
	"net"
	"sync"
)

// limited is a listener with so many connections at once. Other users have a few of their own, to be told
// that they are refused, so that they cannot take those of whom this endpoint is for.
type limited struct {
	net.Listener
	isOther     func(net.Conn) bool
	own, others chan struct{}
	closed      chan struct{}
	close       func() error
}

func newLimited(l net.Listener, isOther func(net.Conn) bool) *limited {
	all := &limited{
		Listener: l, isOther: isOther, closed: make(chan struct{}),
		own: make(chan struct{}, ownAtOnce), others: make(chan struct{}, othersAtOnce),
	}
	all.close = sync.OnceValue(func() error {
		close(all.closed)
		return l.Close()
	})
	return all
}

// Close implements net.Listener.
func (l *limited) Close() error { return l.close() }

// Accept implements net.Listener. Who comes when all places are taken waits in the system's queue; another
// user is sent away.
func (l *limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.isOther(c) {
			select {
			case l.others <- struct{}{}:
				return newPlaced(c, l.others, true), nil
			default:
				c.Close()
				continue
			}
		}
		select {
		case l.own <- struct{}{}:
			return newPlaced(c, l.own, false), nil
		case <-l.closed:
			c.Close()
			return nil, net.ErrClosed
		}
	}
}

// placed is a connection that gives its place back when it is closed.
type placed struct {
	net.Conn
	isOther bool
	leave   func() error
}

func newPlaced(c net.Conn, places chan struct{}, isOther bool) *placed {
	return &placed{c, isOther, sync.OnceValue(func() error {
		<-places
		return c.Close()
	})}
}

// Close implements net.Conn.
func (c *placed) Close() error { return c.leave() }

type connKey struct{}

// withConn has requests know whose connection they come by.
func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

func isOthers(ctx context.Context) bool {
	c, ok := ctx.Value(connKey{}).(*placed)
	return !ok || c.isOther
}
