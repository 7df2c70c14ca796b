// Package lock answers: how does one process at a time, of all that a person runs, do a piece of work?
//
// The lock is the operating system's own, on an open file, so it goes when its holder goes, however
// that ends. The file itself means nothing and is never deleted: deleting it would let two holders lock
// two different files of one name. It serialises the goroutines of one process as well, but orders
// none of their memory: what they share still needs a mutex.
package lock

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// retry is how long a waiter lets pass between two tries: flock(2) cannot be waited for with a context. Await
// begins with it and comes to seldom, for it may wait for a person, in hundreds of processes at once.
const (
	retry  = 20 * time.Millisecond
	seldom = 200 * time.Millisecond
)

// Acquire takes the lock at path, creating the file (mode 0600) if need be, and waits for it until ctx
// ends; the error then wraps ctx.Err(). Path must be on a local disk and its directory must be the
// user's own; a symbolic link at path is refused where the OS can. Waiters are served in no order.
// Release may be called more than once and from any goroutine.
func Acquire(ctx context.Context, path string) (release func(), err error) {
	file := open(path)
	if _, err := file.TryLockContext(ctx, retry); err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	// Unlocking fails only on a descriptor that is not open, and then the lock is gone already.
	return sync.OnceFunc(func() { _ = file.Unlock() }), nil
}

// Try takes the lock at path if nobody holds it.
func Try(path string) (release func(), ok bool) {
	file := open(path)
	if ok, err := file.TryLock(); err != nil || !ok {
		return nil, false
	}
	return sync.OnceFunc(func() { _ = file.Unlock() }), true // as in Acquire
}

// Await returns when nobody holds the lock at path, without taking it from anybody, and says whether
// somebody did. It waits until ctx ends; the error then wraps ctx.Err(). Any number may wait at once.
func Await(ctx context.Context, path string) (was bool, err error) {
	file := open(path)
	defer file.Close()
	for pause := retry; ; pause = min(pause*5/4, seldom) {
		free, err := file.TryRLock()
		if err == nil && !free {
			was, err = true, sleep(ctx, pause)
		}
		if err != nil {
			return was, fmt.Errorf("waiting for %s: %w", path, err)
		}
		if free {
			return was, nil
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

func open(path string) *flock.Flock {
	return flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDONLY|noFollow), flock.SetPermissions(0o600))
}
