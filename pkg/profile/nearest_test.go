package profile

import (
	"strings"
	"testing"
)

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	known := []string{"region", "role", "login", "arn"}
	for typed, want := range map[string]string{
		"regoin": "region", "Region": "region", "rloe": "role", "logn": "login", "ran": "arn", "x": "", "": "", "bucket": "",
		strings.Repeat("a", 100): "",
	} {
		got := didYouMean(typed, known)
		if want == "" && got != "" || want != "" && got != `; did you mean "`+want+`"?` {
			t.Errorf("didYouMean(%q) = %q, want %q", typed, got, want)
		}
	}
}
