package agent

import (
	"context"
	"errors"
	"net"
	"os"
	"time"
)

// Serve runs an agent in Dir(dir) until ctx ends, nothing has been kept for a minute, or its socket is
// gone or replaced. It returns nil at once when another agent answers there. It takes the process over:
// descriptors that were inherited are closed, and the OS is told to dump and trace it no more.
func Serve(ctx context.Context, dir string) error {
	closeInherited()
	harden()
	dir, err := Dir(dir)
	if err != nil {
		return err
	}
	return newServer(dir).serve(ctx)
}

type server struct {
	dir   string
	vault *vault
	// idle is how long the agent stays with nothing to keep; tick how often it looks after its socket.
	idle, tick time.Duration
	// patience is what one connection may take.
	patience time.Duration
	// slots holds one element per connection: those above its capacity wait in the listen queue.
	slots chan struct{}
}

func newServer(dir string) *server {
	return &server{
		dir: dir, vault: newVault(time.Now), idle: time.Minute, tick: 10 * time.Second,
		patience: 2 * time.Second, slots: make(chan struct{}, 64),
	}
}

func (s *server) serve(ctx context.Context) error {
	l, socket, err := listen(ctx, s.dir)
	if err != nil || l == nil {
		return err
	}
	defer retire(s.dir, l, socket)
	defer s.vault.end() // before: an agent that is going must not tell a new one that it lives
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go s.accept(ctx, l)
	s.watch(ctx, socket)
	return nil
}

// watch drops values at their expiry and returns when the agent has no more reason to be.
func (s *server) watch(ctx context.Context, socket os.FileInfo) {
	for {
		wait := s.vault.sweep(s.tick)
		if !stillThere(s.dir, socket) || s.vault.endIfIdle(s.idle) {
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

// handle answers one request. Who is not this user, or speaks another protocol, is hung up on.
func (s *server) handle(conn net.Conn) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(s.patience))
	if checkPeer(conn) != nil {
		return
	}
	request, err := readFrame(conn)
	if errors.Is(err, errVersion) {
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
}

// answer has an error when no answer is the answer: the client then looks for another agent.
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
		err := s.vault.put(request.key, request.value, request.until)
		if errors.Is(err, ErrRefused) {
			return frame{op: opRefused}, nil
		}
		return frame{op: opDone}, err
	case opDelete:
		s.vault.delete(request.key)
		return frame{op: opDone}, nil
	}
	return frame{op: opRefused}, nil
}
