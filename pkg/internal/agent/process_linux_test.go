package agent

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// agentPID returns the process that bound the socket.
func agentPID(dir string) (int, error) {
	conn, err := net.Dial("unix", socketPath(dir))
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return 0, err
	}
	var peer *unix.Ucred
	var peerErr error
	err = raw.Control(func(fd uintptr) { peer, peerErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	if err = errors.Join(err, peerErr); err != nil {
		return 0, err
	}
	return int(peer.Pid), nil
}

// processClient returns a client whose agents are processes. They are ended with the test.
func processClient(t *testing.T) *Client {
	t.Helper()
	c := &Client{Dir: shortDir(t), Command: []string{os.Args[0], agentRuns}, Timeout: limit}
	t.Cleanup(func() { endAgents(c) })
	return c
}

func endAgents(c *Client) {
	for _, pid := range agentsOf(c.Dir) {
		unix.Kill(pid, unix.SIGKILL)
	}
}

// agentsOf lists the processes that run an agent for dir.
func agentsOf(dir string) (pids []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		line, _ := os.ReadFile(file)
		if bytes.HasSuffix(line, []byte("-agent-under-test\x00--dir\x00"+dir+"\x00")) {
			var pid int
			fmt.Sscanf(file, "/proc/%d/cmdline", &pid)
			pids = append(pids, pid)
		}
	}
	return pids
}

// eventually waits until see returns true.
func eventually(t *testing.T, what string, see func() bool) {
	t.Helper()
	end := time.After(limit)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !see() {
		select {
		case <-end:
			t.Fatalf("timed out waiting for: %s", what)
		case <-tick.C:
		}
	}
}

func TestPutStartsAnAgent(t *testing.T) {
	t.Parallel()
	c := processClient(t)
	if got, err := c.Get(t.Context(), "k"); got != nil || err != nil || len(agentsOf(c.Dir)) != 0 {
		t.Fatalf("Get = %q, %v with agents %v; want none", got, err, agentsOf(c.Dir))
	}
	for round := range 3 { // each round after the first begins with a killed agent
		value := fmt.Sprint(round)
		if err := c.Put(t.Context(), "k", []byte(value), time.Time{}); err != nil {
			t.Fatal(err)
		}
		if got, err := c.Get(t.Context(), "k"); string(got) != value || err != nil {
			t.Fatalf("Get = %q, %v; want %q", got, err, value)
		}
		pid, err := agentPID(c.Dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Kill(pid, unix.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the killed agent's socket is dead", func() bool { _, err := agentPID(c.Dir); return err != nil })
		if got, err := c.Get(t.Context(), "k"); got != nil || err != nil {
			t.Fatalf("Get from a killed agent = %q, %v; want none", got, err)
		}
	}
}

// When many agents start at once, one remains, and it holds the values of all callers.
func TestConcurrentStartsLeaveOneAgent(t *testing.T) {
	t.Parallel()
	c := processClient(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			key := fmt.Sprint(i)
			if err := c.Put(t.Context(), key, []byte(key), time.Time{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	eventually(t, "one agent", func() bool { return len(agentsOf(c.Dir)) == 1 })
	for i := range 8 {
		key := fmt.Sprint(i)
		if got, err := c.Get(t.Context(), key); string(got) != key || err != nil {
			t.Errorf("Get(%q) = %q, %v; want %q", key, got, err, key)
		}
	}
}

// The agent outlives its starter in its own session. It keeps no descriptor of the starter open, neither the standard
// streams nor those that the starter had inherited.
func TestAgentIsDetached(t *testing.T) {
	t.Parallel()
	c := processClient(t)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	starter := exec.Command(os.Args[0], agentPuts, c.Dir, "k")
	starter.ExtraFiles = []*os.File{write}
	out, err := starter.CombinedOutput() // returns when its stdout is closed
	write.Close()
	if err != nil || len(out) > 0 {
		t.Fatalf("the starter exited with %v and printed %q", err, out)
	}
	read.SetReadDeadline(time.Now().Add(limit))
	if _, err := read.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("reading from a pipe that the starter had inherited: %v, want EOF", err)
	}
	if got, err := c.Get(t.Context(), "k"); string(got) != "v" || err != nil {
		t.Errorf("Get after the starter exited = %q, %v; want v", got, err)
	}
	pid, err := agentPID(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if session, err := unix.Getsid(pid); session != pid || err != nil {
		t.Errorf("the agent %d is in session %d (%v), want its own", pid, session, err)
	}
	wantDetachedProc(t, fmt.Sprintf("/proc/%d/", pid))
}

// wantDetachedProc checks the agent's /proc entries. Only root can read those of a process that is not dumpable.
func wantDetachedProc(t *testing.T, proc string) {
	t.Helper()
	limits, err := os.ReadFile(proc + "limits")
	if err != nil {
		t.Fatal(err)
	}
	if _, core, _ := strings.Cut(string(limits), "Max core file size"); strings.Join(strings.Fields(core)[:2], " ") != "0 0" {
		t.Errorf("the agent can dump core: %s", limits)
	}
	if os.Geteuid() != 0 {
		if _, err := os.ReadFile(proc + "environ"); !errors.Is(err, os.ErrPermission) {
			t.Errorf("the agent can be traced: reading environ gives %v", err)
		}
		return
	}
	if environ, err := os.ReadFile(proc + "environ"); len(environ) > 0 || err != nil {
		t.Errorf("the agent's environment is %q (%v), want none", environ, err)
	}
	if cwd, err := os.Readlink(proc + "cwd"); cwd != "/" {
		t.Errorf("the agent's working directory is %q (%v), want /", cwd, err)
	}
	for fd := range 3 {
		if to, err := os.Readlink(proc + fmt.Sprint("fd/", fd)); to != os.DevNull {
			t.Errorf("the agent's descriptor %d is %q (%v), want %s", fd, to, err, os.DevNull)
		}
	}
}

// A stored secret is in no file beside the socket, and not in the process's arguments or environment.
func TestSecretIsOnlyInMemory(t *testing.T) {
	t.Parallel()
	c := processClient(t)
	const marker = "marked-secret-4711"
	if err := c.Put(t.Context(), "k", []byte(marker), time.Time{}); err != nil {
		t.Fatal(err)
	}
	pid, err := agentPID(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(c.Dir + "/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files (%v)", err)
	}
	for _, file := range append(files, fmt.Sprintf("/proc/%d/cmdline", pid), fmt.Sprintf("/proc/%d/environ", pid)) {
		if text, err := os.ReadFile(file); strings.Contains(string(text), marker) {
			t.Errorf("%s has the secret (%v)", file, err)
		}
	}
}

// Client and server both refuse another user.
func TestForeignPeers(t *testing.T) {
	t.Parallel()
	if err := checkPeer(first(connOf(t, os.Geteuid()))); err != nil {
		t.Errorf("a peer of the same user is refused: %v", err)
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can act as two users")
	}
	foreign, other := connOf(t, 65534)
	if err := checkPeer(foreign); !errors.Is(err, errPeer) {
		t.Errorf("another user's peer: %v, want %v", err, errPeer)
	}
	if err := writeFrame(other, frame{op: opPing}); err != nil {
		t.Fatal(err)
	}
	newServer("").handle(foreign)
	if got, err := io.ReadAll(other); len(got) > 0 {
		t.Errorf("the server answered another user with %x (%v)", got, err)
	}
}

func first(conn net.Conn, _ *os.File) net.Conn { return conn }

// connOf returns a connection and its other end, both created by that user. It changes the user of one thread, which
// ends with the goroutine.
func connOf(t *testing.T, uid int) (net.Conn, *os.File) {
	t.Helper()
	var fds [2]int
	var err error
	var made sync.WaitGroup
	made.Go(func() {
		runtime.LockOSThread()
		if uid != os.Geteuid() {
			unix.RawSyscall(unix.SYS_SETRESUID, ^uintptr(0), uintptr(uid), ^uintptr(0))
		}
		fds, err = unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	})
	made.Wait()
	if err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(fds[0]), "pair")
	defer file.Close()
	other := os.NewFile(uintptr(fds[1]), "pair")
	t.Cleanup(func() { other.Close() })
	conn, err := net.FileConn(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn, other
}
