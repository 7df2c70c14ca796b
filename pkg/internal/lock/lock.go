// Package lock provides a lock between processes, so that only one of a user's processes does a piece of work at a
// time.
//
// It is a lock of the operating system on an open file, so it is released when the holder exits for any reason. The
// holder removes the file when it releases the lock, except on Windows. If the holder was killed, the next holder
// removes the file. The lock also excludes other goroutines of the same process, but it does not order their memory
// accesses: shared data still needs a mutex.
//
// Two rules make it safe to remove the file. Only the holder removes it. And a process that has locked a file checks
// that the path still names that file, and otherwise opens the path again: the previous holder may have removed the
// file between the open and the lock.
package lock

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// retry is the pause between two attempts, because flock(2) does not support contexts. Await starts with retry and
// slows down to maxPause, because hundreds of processes may wait at once, as long as a person takes to sign in.
const (
	retry    = 20 * time.Millisecond
	maxPause = 200 * time.Millisecond
)

// maxReopen is after how many removed files in a row an attempt gives up. Each requires a holder that released the
// lock within a window of microseconds.
const maxReopen = 10

var errNotRegular = errors.New("not a regular file; remove it")

// Acquire takes the lock at path and creates the file (mode 0600) if it does not exist. It waits until ctx ends; the
// error then wraps ctx.Err(). Path must be on a local disk, in a directory that only the user can write to. Anything but
// a regular file at path is refused; a symbolic link, if the OS supports that. Waiters are served in no particular order. Release may
// be called more than once and from any goroutine.
func Acquire(ctx context.Context, path string) (release func(), err error) {
	for err = ctx.Err(); err == nil; err = sleep(ctx, retry) {
		var file *flock.Flock
		if file, err = try(path, os.O_CREATE, (*flock.Flock).TryLock); err != nil {
			break
		}
		if file != nil {
			return releaser(file), nil
		}
	}
	return nil, fmt.Errorf("locking %s: %w", path, err)
}

// Try takes the lock at path if nobody holds it.
func Try(path string) (release func(), ok bool) {
	file, err := try(path, os.O_CREATE, (*flock.Flock).TryLock)
	if err != nil || file == nil {
		return nil, false
	}
	return releaser(file), true
}

// Await waits until nobody holds the lock at path, without blocking others that want to take it, and reports whether
// somebody held it. It waits until ctx ends; the error then wraps ctx.Err(). Any number of callers may wait at once.
func Await(ctx context.Context, path string) (was bool, err error) {
	for pause := retry; ; pause = min(pause*5/4, maxPause) {
		file, err := try(path, 0, (*flock.Flock).TryRLock)
		switch {
		case errors.Is(err, fs.ErrNotExist): // without a file nobody holds the lock
			return was, nil
		case file != nil:
			_ = file.Unlock() // as in releaser
			return was, nil
		case err == nil:
			was, err = true, sleep(ctx, pause)
		}
		if err != nil {
			return was, fmt.Errorf("waiting for %s: %w", path, err)
		}
	}
}

func sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// try opens path and locks the file. It returns nil if another process or goroutine holds the lock.
func try(path string, create int, lock func(*flock.Flock) (bool, error)) (*flock.Flock, error) {
	for range maxReopen {
		file := flock.New(path, flock.SetFlag(create|os.O_RDONLY|openFlags), flock.SetPermissions(0o600))
		ok, err := lock(file)
		if err != nil || !ok {
			return nil, err
		}
		if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
			_ = file.Unlock() // as in releaser
			return nil, errNotRegular
		}
		if !removes || isAt(path, file) {
			return file, nil
		}
		_ = file.Unlock() // as in releaser
	}
	return nil, nil
}

// isAt reports whether path names the locked file.
func isAt(path string, file *flock.Flock) bool {
	locked, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(path)
	return err == nil && os.SameFile(locked, named)
}

// releaser returns the function that removes the file and releases the lock. It does not remove another file that has
// taken the path, for example because somebody removed ours by hand.
func releaser(file *flock.Flock) func() {
	return sync.OnceFunc(func() {
		if removes && isAt(file.Path(), file) {
			_ = os.Remove(file.Path()) // if it stays, the next holder removes it
		}
		_ = file.Unlock() // this fails only if the descriptor is not open, and then the lock is released
	})
}
