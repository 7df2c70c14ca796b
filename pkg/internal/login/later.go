package login

import (
	"context"
	"time"
)

// later is a value on its way.
type later[T any] struct {
	done  chan struct{}
	value T
	err   error
}

func start[T any](f func() (T, error)) *later[T] {
	l := &later[T]{done: make(chan struct{})}
	go func() {
		defer close(l.done)
		l.value, l.err = f()
	}()
	return l
}

func (l *later[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-l.done:
		return l.value, l.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// failure returns what it failed with if it did so within the limit.
func (l *later[T]) failure(ctx context.Context, limit time.Duration) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-l.done:
		return l.err
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
