package agent

import (
	"context"
	"errors"
	"math"
	"net"
	"os"
	"time"

	"github.com/daypass/daypass/pkg/internal/process"
)

// Serve runs an agent in Dir(dir) until ctx ends, a client stops it, or its socket is removed or replaced (checked
// every ten seconds). Unless stay is set, it also ends after a minute without values. The error is ErrRunning when
// another agent answers there. Serve takes over the process: inherited descriptors are closed, and core dumps and
// tracing are disabled. KindOf is for Status; if it is nil, Status counts nothing.
func Serve(ctx context.Context, dir string, stay bool, kindOf KindOf) error {
	process.Isolate()
	dir, err := Dir(dir)
	if err != nil {
		return err
	}
	s := newServer(dir)
	s.vault.kindOf = kindOf
	if stay {
		s.idle = forever
	}
	return s.serve(ctx)
}

const forever time.Duration = math.MaxInt64

type server struct {
	dir   string
	vault *vault
	// idle is how long the agent stays without values; tick is how often it checks its socket.
	idle, tick time.Duration
	// connTimeout bounds one connection.
	connTimeout time.Duration
	// slots holds one element per connection. Connections above its capacity wait in the listen queue.
	slots  chan struct{}
	since  time.Time
	socket os.FileInfo
}

func newServer(dir string) *server {
	return &server{
		dir: dir, vault: newVault(systemClock()), idle: time.Minute, tick: 10 * time.Second,
		connTimeout: 2 * time.Second, slots: make(chan struct{}, 64), since: time.Now(),
	}
}

func (s *server) serve(ctx context.Context) error {
	l, err := s.listen(ctx)
	if err != nil {
		return err
	}
	return s.serveOn(ctx, l)
}

func (s *server) serveOn(ctx context.Context, l *net.UnixListener) error {
	defer closeSocket(s.dir, l, s.socket)
	defer s.vault.end() // first: an agent that is exiting must not answer the ping of a new one
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go s.accept(ctx, l)
	s.watch(ctx)
	return nil
}

// watch drops values when they expire, and returns when the agent is to exit.
func (s *server) watch(ctx context.Context) {
	for {
		wait := s.vault.sweep(s.tick)
		if !stillThere(s.dir, s.socket) || s.vault.endIfIdle(s.idle) {
			return
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-s.vault.changed:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// accept ends when the listener is closed. Other errors, such as too many open files, are temporary.
func (s *server) accept(ctx context.Context, l net.Listener) {
	for {
		s.slots <- struct{}{}
		conn, err := l.Accept()
		if err == nil {
			go func() {
				s.handle(conn)
				<-s.slots
			}()
			continue
		}
		<-s.slots
		if errors.Is(err, net.ErrClosed) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// handle answers one request. It closes the connection of another user or another protocol, and zeroes every copy of
// a value.
func (s *server) handle(conn net.Conn) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(s.connTimeout))
	if checkPeer(conn) != nil {
		return
	}
	request, err := readFrame(conn)
	defer clear(request.value)
	if errors.Is(err, errVersion) || errors.Is(err, ErrNewer) {
		writeFrame(conn, frame{op: opRefused}) // its header has the version of this agent
	}
	if err != nil {
		return
	}
	answer, err := s.answer(request)
	if err != nil {
		return
	}
	writeFrame(conn, answer)
	clear(answer.value)
	if request.op == opStop {
		s.vault.end()
	}
}

// answer returns an error when the agent must not answer; the client then looks for another agent. For example, an
// agent that was stopped for a while, and whose socket was replaced meanwhile, must not confirm a put or a delete.
func (s *server) answer(request frame) (frame, error) {
	switch request.op {
	case opPing:
		return frame{op: opDone}, s.vault.touch()
	case opGet:
		if value := s.vault.get(request.key); value != nil {
			return frame{op: opFound, value: value}, nil
		}
		return frame{op: opNone}, nil
	case opPut:
		if !stillThere(s.dir, s.socket) {
			return frame{}, errEnded
		}
		err := s.vault.put(request.key, request.value, request.until)
		if errors.Is(err, ErrRefused) {
			return frame{op: opRefused}, nil
		}
		return frame{op: opDone}, err
	case opDelete:
		if !stillThere(s.dir, s.socket) {
			return frame{}, errEnded
		}
		return frame{op: opDone}, s.vault.delete(request.key)
	case opStatus:
		return s.status()
	case opStop:
		return s.stop()
	}
	return frame{op: opRefused}, nil
}
