//go:build unix

package agent

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// socketPair returns a connection between this process and itself.
func socketPair(t *testing.T) (a, b *net.UnixConn) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ends [2]*net.UnixConn
	for i, fd := range fds {
		file := os.NewFile(uintptr(fd), "pair")
		defer file.Close()
		conn, err := net.FileConn(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		ends[i] = conn.(*net.UnixConn)
	}
	return ends[0], ends[1]
}

// hostile sends in and closes the writing side, and returns the answer of work.
func hostile(t *testing.T, in []byte, work func(net.Conn)) []byte {
	t.Helper()
	ours, theirs := socketPair(t)
	theirs.SetDeadline(time.Now().Add(limit))
	go func() {
		_, _ = theirs.Write(in)
		_ = theirs.CloseWrite()
	}()
	worked := make(chan struct{})
	go func() {
		work(ours)
		ours.Close()
		close(worked)
	}()
	out, err := io.ReadAll(theirs)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("%x was never answered", in)
	}
	<-worked
	return out
}

func frames(t testing.TB, all ...frame) (b []byte) {
	for _, f := range all {
		b = append(b, encoded(t, f)...)
	}
	return b
}

// For every input the agent answers in frames, does not hang, and loses no value unless the input deletes it.
func FuzzAgent(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	for _, op := range []op{opPing, opGet, opPut, opDelete, opStatus, opDone, 0, 0xff} {
		f.Add(frames(f, frame{op: op, key: "k", value: []byte("v"), until: time.UnixMilli(1)}))
	}
	f.Add(frames(f, frame{op: opStop}))
	f.Fuzz(func(t *testing.T, in []byte) {
		s := newServer(shortDir(t))
		l, err := s.listen(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		s.vault.put("stored", []byte("value"), time.Time{})
		out := bytes.NewReader(hostile(t, in, s.handle))
		for out.Len() > 0 {
			if _, err := readFrame(out); err != nil {
				t.Fatalf("%x got an answer that is not a frame: %v", in, err)
			}
		}
		request, err := readFrame(bytes.NewReader(in))
		asked := err == nil && (request.op == opPut || request.op == opDelete || request.op == opStop)
		if stored := s.vault.get("stored") != nil; !stored && !asked {
			t.Errorf("%x deleted a value", in)
		}
	})
}
