package login

import (
	"context"
	"time"
)

// future is the result of a function that runs in the background.
type future[T any] struct {
	done  chan struct{} // closed when value and err are set
	value T
	err   error
}

func startFuture[T any](f func() (T, error)) *future[T] {
	r := &future[T]{done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.value, r.err = f()
	}()
	return r
}

func (f *future[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// errWithin returns the function's error, or nil if it is still running after that time.
func (f *future[T]) errWithin(ctx context.Context, limit time.Duration) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-f.done:
		return f.err
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
