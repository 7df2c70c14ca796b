package agent

import "time"

// clock is the two clocks that a value's life is measured by.
type clock struct {
	wall    func() time.Time
	running func() time.Duration // monotonic: since the process began
}

func systemClock() clock {
	start := time.Now()
	return clock{time.Now, func() time.Duration { return time.Since(start) }}
}
