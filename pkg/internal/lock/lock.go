// Package lock answers: how does one process at a time, of all that a person runs, do a piece of work?
//
// The lock is the operating system's own, on an open file, so it is released when its holder ends, however
// that happens. The holder removes the file when it releases the lock, except on Windows; a file that a
// killed holder left is removed by the next one. It serialises the goroutines of one process as well, but
// orders none of their memory: what they share still needs a mutex.
//
// Removing a lock's file is safe under two rules. Only the holder removes it. Whoever has locked a file
// checks that the path still names that file, and opens the path again if it does not: the holder before
// removed the file between our open and our lock, and the next process locks a new one.
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

// retry is the pause between two attempts, because flock(2) cannot wait for a context. Await starts with
// it and slows down to seldom: it may wait for a person, in hundreds of processes at once.
const (
	retry  = 20 * time.Millisecond
	seldom = 200 * time.Millisecond
)

// maxReopen is how many removed files in a row one attempt gives up after. Each takes a holder that
// released the lock in a window of microseconds.
const maxReopen = 10

// Acquire takes the lock at path, creating the file (mode 0600) if need be, and waits for it until ctx
// ends; the error then wraps ctx.Err(). Path must be on a local disk and its directory must be the
// user's own; a symbolic link at path is refused where the OS can. Waiters are served in no order.
// Release may be called more than once and from any goroutine.
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

// Await returns when nobody holds the lock at path, without taking it from anybody, and says whether
// somebody did. It waits until ctx ends; the error then wraps ctx.Err(). Any number may wait at once.
func Await(ctx context.Context, path string) (was bool, err error) {
	for pause := retry; ; pause = min(pause*5/4, seldom) {
		file, err := try(path, 0, (*flock.Flock).TryRLock)
		switch {
		case errors.Is(err, fs.ErrNotExist): // nobody has it without a file
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
		file := flock.New(path, flock.SetFlag(create|os.O_RDONLY|noFollow), flock.SetPermissions(0o600))
		ok, err := lock(file)
		if err != nil || !ok {
			return nil, err
		}
		if !removes || isAt(path, file) {
			return file, nil
		}
		_ = file.Unlock() // as in releaser
	}
	return nil, nil
}

// isAt reports whether path names the file that is locked.
func isAt(path string, file *flock.Flock) bool {
	locked, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(path)
	return err == nil && os.SameFile(locked, named)
}

// releaser returns the function that removes the file and releases the lock. A file that is not ours,
// because somebody removed ours by hand, stays.
func releaser(file *flock.Flock) func() {
	return sync.OnceFunc(func() {
		if removes && isAt(file.Path(), file) {
			_ = os.Remove(file.Path()) // if it stays, the next holder removes it
		}
		_ = file.Unlock() // this fails only if the descriptor is not open, and then the lock is released
	})
}
