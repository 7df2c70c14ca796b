package keyring

import (
	"context"
	"sync"
	"sync/atomic"
)

// turn lets one call at a time through. A sync.Mutex could not be waited for with a context.
type turn struct {
	once    sync.Once
	free    chan struct{} // one element: nobody has it
	current atomic.Pointer[taken]
}

// taken is a turn that somebody has.
type taken struct{ abandoned atomic.Bool }

// take waits until ctx ends, but not at all behind a call that was abandoned.
func (t *turn) take(ctx context.Context) (*taken, error) {
	t.once.Do(func() {
		t.free = make(chan struct{}, 1)
		t.free <- struct{}{}
	})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if before := t.current.Load(); before != nil && before.abandoned.Load() {
		return nil, unavailable(errBusy)
	}
	select {
	case <-t.free:
		mine := new(taken)
		t.current.Store(mine)
		return mine, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (t *turn) end() {
	t.current.Store(nil)
	t.free <- struct{}{}
}
