package keyring

import (
	"context"
	"sync"
	"sync/atomic"
)

// oneAtATime lets one call run at a time. A sync.Mutex does not support contexts.
type oneAtATime struct {
	once    sync.Once
	free    chan struct{} // one element: no call is running
	current atomic.Pointer[runningCall]
}

type runningCall struct{ abandoned atomic.Bool }

// acquire waits until ctx ends, but returns an error immediately if the running call has been abandoned.
func (o *oneAtATime) acquire(ctx context.Context) (*runningCall, error) {
	o.once.Do(func() {
		o.free = make(chan struct{}, 1)
		o.free <- struct{}{}
	})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if running := o.current.Load(); running != nil && running.abandoned.Load() {
		return nil, unavailable(errBusy)
	}
	select {
	case <-o.free:
		call := new(runningCall)
		o.current.Store(call)
		return call, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (o *oneAtATime) release() {
	o.current.Store(nil)
	o.free <- struct{}{}
}
