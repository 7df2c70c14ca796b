package remedy

import (
	"fmt"
	"time"
)

// Span returns a duration for people: "20 s", "58 min", "2 h 30 min", "3 days".
func Span(d time.Duration) string {
	switch {
	case d < 2*time.Minute && d != time.Minute:
		return fmt.Sprintf("%d s", max(0, d/time.Second))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour && d%time.Hour >= time.Minute:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}
