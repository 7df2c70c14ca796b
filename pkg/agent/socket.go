package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"
)

// listen takes the socket's name in dir, or returns no listener when another agent answers there. A
// socket that does not answer is replaced, whatever became of its owner: an agent that later wakes sees
// that it was replaced, and ends.
func listen(ctx context.Context, dir string) (*net.UnixListener, os.FileInfo, error) {
	unlock, err := lockStart(ctx, dir)
	if err != nil {
		return nil, nil, err
	}
	defer unlock()
	peer := Client{Dir: dir, Timeout: startLimit / 2}
	if _, err := peer.ask(ctx, frame{op: opPing}); err == nil {
		return nil, nil, nil
	}
	return replaceSocket(dir)
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
	ctx, cancel := context.WithTimeout(context.Background(), callLimit)
	defer cancel()
	unlock, err := lockStart(ctx, dir)
	if err != nil {
		return
	}
	defer unlock()
	if stillThere(dir, socket) {
		os.Remove(socketPath(dir))
	}
}

// lockStart holds off every other start and end of an agent in dir, for at most startLimit. The file is
// never deleted, and the OS drops the lock with its holder.
func lockStart(ctx context.Context, dir string) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	file, err := os.OpenFile(filepath.Join(dir, "agent.lock"), os.O_CREATE|os.O_RDWR|noFollow, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the agent's start: %w", err)
	}
	for !tryLock(file) {
		select {
		case <-ctx.Done():
			file.Close()
			return nil, fmt.Errorf("waiting for another agent to start: %w", ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
	return func() { file.Close() }, nil
}
