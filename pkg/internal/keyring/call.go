package keyring

import (
	"context"
	"fmt"
	"time"
)

// callLimit is the default limit of a call: longer than a working keyring takes, and shorter than callers wait for
// credentials.
const callLimit = 3 * time.Second

// errBusy is the error of a call while an abandoned call is still running.
var errBusy = fmt.Errorf("an earlier call is still running: %w", ErrSlow)

// call runs one call of the OS within the limit. go-keyring does not support contexts, so a call that takes longer is
// abandoned and may still take effect. Until it ends, every other call of this Store fails immediately: it would
// take as long, and could take effect before the abandoned one.
func (s *Store) call(ctx context.Context, f func(backend) ([]byte, error)) ([]byte, error) {
	system := s.backend
	if system == nil {
		if err := reachable(s.BusAddress); err != nil {
			return nil, unavailable(err)
		}
		system = operatingSystem{}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout(), unavailable(ErrSlow))
	defer cancel()
	current, err := s.calls.acquire(ctx)
	if err != nil {
		return nil, err
	}
	type result struct {
		value []byte
		err   error
	}
	done := make(chan result, 1)
	go func() {
		defer s.calls.release()
		value, err := f(system)
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, classified(r.err)
	case <-ctx.Done():
		current.abandoned.Store(true)
		return nil, context.Cause(ctx)
	}
}

func (s *Store) timeout() time.Duration {
	if s.Timeout > 0 {
		return s.Timeout
	}
	return callLimit
}
