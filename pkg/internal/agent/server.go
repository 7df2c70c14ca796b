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

// Serve runs an agent in Dir(dir) until ctx ends, it is told to stop, its socket is gone or replaced (it
// looks every ten seconds), or nothing has been kept for a minute; with stay, that is no reason. The error
// is ErrRunning when another agent answers there. Serve takes the process over: inherited descriptors are
// closed, and the OS is told neither to dump nor to trace it. KindOf is for Status; with nil, an agent counts nothing.
func Serve(ctx context.Context, dir string, stay bool, kindOf KindOf) error {
	process.Settle()
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
	// idle is how long the agent stays with nothing to keep; tick how often it looks after its socket.
	idle, tick time.Duration
	// patience is what one connection may take.
	patience time.Duration
	// slots holds one element per connection: those above its capacity wait in the listen queue.
	slots  chan struct{}
	since  time.Time
	socket os.FileInfo
}

func newServer(dir string) *server {
	return &server{
		dir: dir, vault: newVault(systemClock()), idle: time.Minute, tick: 10 * time.Second,
		patience: 2 * time.Second, slots: make(chan struct{}, 64), since: time.Now(),
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
	defer retire(s.dir, l, s.socket)
	defer s.vault.end() // before: an agent that is going must not tell a new one that it lives
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go s.accept(ctx, l)
	s.watch(ctx)
	return nil
}

// watch drops values at their expiry and returns when the agent has no more reason to be.
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

// accept ends when the listener is closed. Other errors (too many open files) pass.
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

// handle answers one request. Who is not this user, or speaks another protocol, is hung up on. No copy
// of a value stays behind.
func (s *server) handle(conn net.Conn) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(s.patience))
	if checkPeer(conn) != nil {
		return
	}
	request, err := readFrame(conn)
	defer clear(request.value)
	if errors.Is(err, errVersion) || errors.Is(err, ErrNewer) {
		writeFrame(conn, frame{op: opRefused}) // its header tells which version is spoken here
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

// answer has an error when no answer is the answer: the client then looks for another agent. An agent
// that was thought dead, and wakes when its socket is another's, must not say that it has kept or forgotten
// something.
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
