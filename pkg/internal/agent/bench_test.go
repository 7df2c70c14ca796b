package agent

import (
	"bytes"
	"testing"
	"time"
)

// BenchmarkGet measures what the cached path needs of the agent: one connection and one value of a credential's size.
func BenchmarkGet(b *testing.B) {
	r := start(b, nil)
	if err := r.client.Put(b.Context(), "k", bytes.Repeat([]byte("v"), 2048), time.Time{}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if got, err := r.client.Get(b.Context(), "k"); len(got) != 2048 || err != nil {
			b.Fatal(err)
		}
	}
}
