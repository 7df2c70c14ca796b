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

// listen takes the socket's name in the server's directory. An agent that answers there stays (ErrRunning,
// ErrNewer). A socket that does not answer is replaced, whatever became of its owner: an agent that later
// wakes sees that it was replaced, and ends.
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

// replaceSocket binds under another name first, so that the known one is never open to others and
// never missing. It wants the start's lock held.
func replaceSocket(dir string) (*net.UnixListener, os.FileInfo, error) {
	fresh := filepath.Join(dir, "new.sock")
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("removing what a broken start left: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: fresh, Net: "unix"})
	if err != nil {
		return nil, nil, fmt.Errorf("listening for clients: %w", err)
	}
	l.SetUnlinkOnClose(false) // by then another agent's socket may have the name
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

// stillThere reports whether the socket's name still leads to that socket.
func stillThere(dir string, socket os.FileInfo) bool {
	info, err := os.Lstat(socketPath(dir))
	return err == nil && os.SameFile(info, socket)
}

// retire closes the listener and takes its name away, unless another agent is taking it just now.
func retire(dir string, l *net.UnixListener, socket os.FileInfo) {
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

// lockStart holds off every other start and end of an agent in dir, and waits for its turn for at most
// startLimit.
func lockStart(ctx context.Context, dir string) (release func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	return lock.Acquire(ctx, filepath.Join(dir, "agent.lock"))
}
