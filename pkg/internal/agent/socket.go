package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"github.com/daypass/daypass/pkg/internal/lock"
)

// listen creates the socket in the server's directory. An agent that answers there is not replaced (ErrRunning,
// ErrNewer). A socket that does not answer is replaced: if its owner is only slow, it notices that later and exits.
func (s *server) listen(ctx context.Context) (l *net.UnixListener, err error) {
	release, err := lockStart(ctx, s.dir)
	if err != nil {
		return nil, err
	}
	defer release()
	peer := Client{Dir: s.dir, Timeout: hungLimit}
	_, err = peer.ask(ctx, frame{op: opPing})
	switch {
	case err == nil:
		return nil, ErrRunning
	case errors.Is(err, ErrNewer):
		return nil, err
	}
	l, s.socket, err = replaceSocket(s.dir)
	return l, err
}

// replaceSocket binds under a temporary name first, so that the final name is never missing and its socket is never
// open to others. The caller holds the lock of lockStart.
func replaceSocket(dir string) (*net.UnixListener, os.FileInfo, error) {
	fresh := filepath.Join(dir, "new.sock")
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("removing the socket of an incomplete start: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: fresh, Net: "unix"})
	if err != nil {
		return nil, nil, fmt.Errorf("listening for clients: %w", err)
	}
	l.SetUnlinkOnClose(false) // by then the name may belong to another agent's socket
	info, err := publish(fresh, socketPath(dir))
	if err != nil {
		l.Close()
		return nil, nil, fmt.Errorf("publishing the socket: %w", err)
	}
	return l, info, nil
}

func publish(fresh, path string) (os.FileInfo, error) {
	if err := os.Chmod(fresh, 0o600); err != nil {
		return nil, err
	}
	info, err := os.Lstat(fresh)
	if err != nil {
		return nil, err
	}
	return info, os.Rename(fresh, path)
}

// stillThere reports whether the path still names that socket.
func stillThere(dir string, socket os.FileInfo) bool {
	info, err := os.Lstat(socketPath(dir))
	return err == nil && os.SameFile(info, socket)
}

// closeSocket closes the listener and removes the socket, unless another agent has replaced it or is starting.
func closeSocket(dir string, l *net.UnixListener, socket os.FileInfo) {
	l.Close()
	if !stillThere(dir, socket) {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), callLimit)
	defer cancel()
	release, err := lockStart(ctx, dir)
	if err != nil {
		return
	}
	defer release()
	if stillThere(dir, socket) {
		os.Remove(socketPath(dir))
	}
}

// lockStart prevents every other start and end of an agent in dir. It waits for the lock for at most startLimit.
func lockStart(ctx context.Context, dir string) (release func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	return lock.Acquire(ctx, filepath.Join(dir, "agent.lock"))
}
