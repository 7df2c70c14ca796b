package agent

import "time"

// clock has the two clocks that measure a value's lifetime.
type clock struct {
	wall    func() time.Time
	running func() time.Duration // monotonic, since the process began
}

func systemClock() clock {
	start := time.Now()
	return clock{time.Now, func() time.Duration { return time.Since(start) }}
}
