package keyring

import (
	"context"
	"fmt"
	"time"
)

// callLimit is how long a call may take when nothing else is said: longer than any keyring that works,
// shorter than the patience of whoever waits for credentials.
const callLimit = 3 * time.Second

// errBusy is for whoever comes while an abandoned call is still on its way.
var errBusy = fmt.Errorf("behind an earlier call: %w", ErrSlow)

// call runs one call of the OS within the limit. go-keyring knows no context: a call that takes longer
// is abandoned, and may still take effect. Until it ends, every further call of this Store fails at
// once: it would wait as long, and could overtake.
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
	taken, err := s.turn.take(ctx)
	if err != nil {
		return nil, err
	}
	type result struct {
		value []byte
		err   error
	}
	done := make(chan result, 1)
	go func() {
		defer s.turn.end()
		value, err := f(system)
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, classified(r.err)
	case <-ctx.Done():
		taken.abandoned.Store(true)
		return nil, context.Cause(ctx)
	}
}

func (s *Store) timeout() time.Duration {
	if s.Timeout > 0 {
		return s.Timeout
	}
	return callLimit
}
