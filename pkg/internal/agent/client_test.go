package agent

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"
)

// listener calls behave for every connection on dir's socket.
func listener(t *testing.T, dir string, behave func(net.Conn)) {
	t.Helper()
	l, err := net.Listen("unix", socketPath(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			go behave(conn)
		}
	}()
}

// A missing agent is a cache miss, not an error.
func TestAbsent(t *testing.T) {
	t.Parallel()
	dead := shortDir(t)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socketPath(dead)})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	ending := shortDir(t)
	listener(t, ending, func(conn net.Conn) { readFrame(conn); conn.Close() })

	for name, dir := range map[string]string{"no socket": shortDir(t), "dead socket": dead, "no directory": "/nonexistent/daypass", "ending": ending} {
		c := &Client{Dir: dir, Timeout: limit}
		if got, err := c.Get(t.Context(), "k"); got != nil || err != nil {
			t.Errorf("%s: Get = %q, %v; want none", name, got, err)
		}
		if err := c.Delete(t.Context(), "k"); err != nil {
			t.Errorf("%s: Delete = %v, want nil", name, err)
		}
		if err := c.Put(t.Context(), "k", nil, time.Time{}); !errors.Is(err, ErrNotRunning) {
			t.Errorf("%s: Put = %v, want %v", name, err, ErrNotRunning)
		}
	}
}

func TestWrongServers(t *testing.T) {
	t.Parallel()
	say := func(words string) func(net.Conn) {
		return func(conn net.Conn) { conn.Write([]byte(words)) }
	}
	servers := map[string]struct {
		behave func(net.Conn)
		want   error
	}{
		"hung":            {func(net.Conn) {}, ErrNoAnswer},
		"half an answer":  {say("\xda\x01\x81"), ErrNoAnswer},
		"garbage":         {say("HTTP/1.1 400 Bad Request\r\n\r\n"), errGarbage},
		"a later version": {say("\xda\x02\x81aaaaaaaaaaaaaaaaaaaaa"), ErrNewer},
		"an earlier one":  {say("\xda\x00\x81aaaaaaaaaaaaaaaaaaaaa"), errVersion},
		"endless":         {say("\xda\x01\x81\x00\x00\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00"), errSize},
	}
	for name, test := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := shortDir(t)
			listener(t, dir, test.behave)
			c := &Client{Dir: dir}
			if test.want != ErrNoAnswer {
				c.Timeout = limit // so that a busy machine does not look like a hung agent
			}
			before := time.Now()
			got, err := c.Get(t.Context(), "k")
			if took := time.Since(before); took > callLimit+2*time.Second && c.Timeout == 0 { // with slack
				t.Errorf("Get took %v, want at most %v", took, callLimit)
			}
			if got != nil || !errors.Is(err, test.want) {
				t.Errorf("Get = %q, %v; want %v", got, err, test.want)
			}
			if err := c.Put(t.Context(), "k", []byte("v"), time.Time{}); !errors.Is(err, test.want) {
				t.Errorf("Put = %v, want %v", err, test.want)
			}
			wantDisconnected(t, c, test.want)
		})
	}
}

// wantDisconnected calls Delete: a process that does not answer loses its socket, unless it is a newer agent.
func wantDisconnected(t *testing.T, c *Client, wantErr error) {
	t.Helper()
	err := c.Delete(t.Context(), "k")
	_, there := os.Lstat(socketPath(c.Dir))
	if wantErr == ErrNewer {
		if !errors.Is(err, ErrNewer) || there != nil {
			t.Errorf("Delete = %v and the socket %v; want %v, and the socket still there", err, there, wantErr)
		}
		return
	}
	if err != nil || !errors.Is(there, os.ErrNotExist) {
		t.Errorf("Delete = %v and the socket %v; want it gone without an error", err, there)
	}
	if got, err := c.Get(t.Context(), "k"); got != nil || err != nil {
		t.Errorf("Get afterwards = %q, %v; want none", got, err)
	}
}

func TestContextEndsCall(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	asked := make(chan struct{}, 1)
	listener(t, dir, func(conn net.Conn) { readFrame(conn); asked <- struct{}{} })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	c := &Client{Dir: dir, Timeout: time.Hour}
	if _, err := c.Get(ctx, "k"); !errors.Is(err, context.Canceled) {
		t.Errorf("Get = %v, want %v", err, context.Canceled)
	}
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	c := &Client{Dir: shortDir(t), Command: []string{"/nonexistent/daypass"}}
	if err := c.Put(t.Context(), "k", nil, time.Time{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Put with a missing command = %v, want %v", err, os.ErrNotExist)
	}
	c.Command = []string{os.Args[0], endsAtOnce}
	var exit *exec.ExitError
	if err := c.Put(t.Context(), "k", nil, time.Time{}); !errors.As(err, &exit) {
		t.Errorf("Put with an agent that exits at once = %v, want its exit status", err)
	}
}
