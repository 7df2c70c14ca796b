package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// limit is longer than any step takes on a busy machine.
const limit = 20 * time.Second

// shortDir returns a private directory with a path short enough for a socket.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "agent")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// running is an agent in this process.
type running struct {
	client *Client
	dir    string
	stop   context.CancelFunc
	ended  chan error
}

func start(t testing.TB, change func(*server)) running {
	t.Helper()
	s := newServer(shortDir(t))
	if change != nil {
		change(s)
	}
	return serve(t, s)
}

// serve runs s as the agent of its directory.
func serve(t testing.TB, s *server) running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l, err := s.listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	r := running{&Client{Dir: s.dir, Timeout: limit}, s.dir, cancel, make(chan error, 1)}
	go func() { r.ended <- s.serveOn(ctx, l) }()
	t.Cleanup(cancel)
	return r
}

func (r running) awaitEnd(t *testing.T) {
	t.Helper()
	select {
	case err := <-r.ended:
		if err != nil {
			t.Fatalf("the agent ended with %v", err)
		}
	case <-time.After(limit):
		t.Fatal("the agent did not end")
	}
}

func (r running) want(t *testing.T, key, want string) {
	t.Helper()
	got, err := r.client.Get(t.Context(), key)
	if err != nil || string(got) != want {
		t.Errorf("Get(%q) = %q, %v; want %q", key, got, err, want)
	}
}

func TestPutAndGet(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	ctx := t.Context()
	big := bytes.Repeat([]byte("\x00\xff"), maxValue/2)
	for key, value := range map[string][]byte{"a": []byte("1"), "a/b": []byte("2"), "c": {}, "big": big} {
		if err := r.client.Put(ctx, key, value, time.Now().Add(time.Hour)); err != nil {
			t.Fatalf("Put(%q): %v", key, err)
		}
		r.want(t, key, string(value))
	}
	if got, err := r.client.Get(ctx, "c"); got == nil || err != nil {
		t.Errorf("an empty value came back as none (%v)", err)
	}
	if err := r.client.Delete(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a", "a/b", "never"} {
		if got, err := r.client.Get(ctx, key); got != nil || err != nil {
			t.Errorf("Get(%q) = %q, %v; want none", key, got, err)
		}
	}
	if err := r.client.Put(ctx, "big", append(big, 0), time.Time{}); !errors.Is(err, errSize) {
		t.Errorf("a value too big: %v, want %v", err, errSize)
	}
}

func TestValuesExpire(t *testing.T) {
	t.Parallel()
	var passed atomic.Int64
	now := time.Now()
	r := start(t, func(s *server) {
		s.vault = newVault(clock{
			func() time.Time { return now.Add(time.Duration(passed.Load())) },
			func() time.Duration { return time.Duration(passed.Load()) },
		})
	})
	if err := r.client.Put(t.Context(), "k", []byte("v"), now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	r.want(t, "k", "v")
	passed.Store(int64(time.Minute))
	r.want(t, "k", "")
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	r := start(t, func(s *server) { s.slots = make(chan struct{}, 4) })
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			key := fmt.Sprint(i)
			if err := r.client.Put(t.Context(), key, []byte(key), time.Time{}); err != nil {
				t.Error(err)
			}
			r.want(t, key, key)
		})
	}
	all.Wait()
}

func TestServeEnds(t *testing.T) {
	t.Parallel()
	quick := func(s *server) { s.idle, s.tick = time.Hour, 5*time.Millisecond }
	ends := map[string]struct {
		change func(*server)
		end    func(r running) error
	}{
		"idle":            {func(s *server) { s.idle, s.tick = 50*time.Millisecond, 5*time.Millisecond }, func(running) error { return nil }},
		"stopped":         {quick, func(r running) error { r.stop(); return nil }},
		"socket gone":     {quick, func(r running) error { return os.Remove(socketPath(r.dir)) }},
		"directory moved": {quick, func(r running) error { return os.Rename(r.dir, r.dir+".away") }},
	}
	for name, test := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, test.change)
			if err := test.end(r); err != nil {
				t.Fatal(err)
			}
			r.awaitEnd(t)
			if _, err := os.Lstat(socketPath(r.dir)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the socket is left behind (%v)", err)
			}
			os.RemoveAll(r.dir + ".away")
		})
	}
}

// An agent whose socket was replaced exits and does not remove the new socket.
func TestReplacedAgentEnds(t *testing.T) {
	t.Parallel()
	r := start(t, func(s *server) { s.tick = 5 * time.Millisecond })
	l, socket, err := replaceSocket(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r.awaitEnd(t)
	if !stillThere(r.dir, socket) {
		t.Error("the replaced agent removed the new one's socket")
	}
}

// An agent whose socket was replaced while it hung confirms nothing.
func TestReplacedAgentConfirmsNothing(t *testing.T) {
	t.Parallel()
	s := newServer(shortDir(t))
	l, err := s.listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	next, _, err := replaceSocket(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	for _, op := range []op{opPut, opDelete} {
		if answer, err := s.answer(frame{op: op, key: "k"}); !errors.Is(err, errEnded) {
			t.Errorf("request %d is answered with %#x (%v), want %v", op, answer.op, err, errEnded)
		}
	}
}

func TestSecondAgentDoesNotStart(t *testing.T) {
	t.Parallel()
	r := start(t, nil)
	if err := r.client.Put(t.Context(), "k", []byte("v"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := newServer(r.dir).serve(t.Context()); !errors.Is(err, ErrRunning) {
		t.Errorf("the second agent ended with %v, want %v", err, ErrRunning)
	}
	r.want(t, "k", "v")
}

// The agent closes the connections of clients that send garbage or nothing, and still answers others.
func TestHostileClients(t *testing.T) {
	t.Parallel()
	r := start(t, func(s *server) { s.connTimeout = time.Second })
	put := encoded(t, frame{op: opPut, key: "k", value: []byte("half")})
	oversize := bytes.Clone(put)
	oversize[5] = 0xff
	says := map[string][]byte{
		"nothing": nil, "half a frame": put[:len(put)-1], "too big": oversize,
		"HTTP": []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
	}
	answer, err := r.client.ask(t.Context(), frame{op: 0x70})
	if err != nil || answer.op != opRefused {
		t.Errorf("an unknown request is answered with %#x (%v), want %#x", answer.op, err, opRefused)
	}
	for name, words := range says {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("unix", socketPath(r.dir))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(limit))
			if _, err := conn.Write(words); err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(conn); len(got) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the agent answered %q (%v), want it to close the connection", got, err)
			}
			r.want(t, "k", "")
		})
	}
}

// A running agent has only its socket in the directory: the lock file of its start has been removed.
func TestModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("file modes exist on Unix only")
	}
	r := start(t, nil)
	entries, err := os.ReadDir(r.dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "agent.sock" {
		t.Fatalf("the directory has %v (%v), want agent.sock", entries, err)
	}
	info, err := entries[0].Info()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("agent.sock: mode %v (%v), want 0600", info.Mode(), err)
	}
}
